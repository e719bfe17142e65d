using Hyper2Kvm.Core.Documents;

namespace Hyper2Kvm.Helpers.Convert.Linux.Network;

/// <summary>Which cards the target has, and which files keep their names.</summary>
/// <param name="Nics">Cards of the target, each with an address.</param>
/// <param name="Links">Files to have in the guest.</param>
/// <param name="Findings">What was decided and why, in words.</param>
/// <param name="Readdressed">Addresses that files of the guest have, and those that their cards get instead.</param>
/// <param name="Warnings">What a person should know.</param>
internal sealed record NetworkPlan(
    IReadOnlyList<NicMetadata> Nics, IReadOnlyList<InterfaceLink> Links, IReadOnlyList<string> Findings, IReadOnlyDictionary<string, string> Readdressed, IReadOnlyList<string> Warnings);
