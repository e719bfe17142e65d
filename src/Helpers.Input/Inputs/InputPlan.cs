using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Helpers.Input.Images;

namespace Hyper2Kvm.Helpers.Input.Inputs;

/// <summary>What an input found.</summary>
/// <param name="Metadata">The machine.</param>
/// <param name="Disks">Its disks, in the order of <see cref="SourceMetadata.Disks"/>: what the servers are made of.</param>
internal sealed record InputPlan(SourceMetadata Metadata, IReadOnlyList<DiskImage> Disks);
