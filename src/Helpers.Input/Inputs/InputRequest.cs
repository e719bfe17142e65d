namespace Hyper2Kvm.Helpers.Input.Inputs;

/// <summary>What is asked of an input.</summary>
/// <param name="Sources">Absolute paths, in the order of the guest's disks.</param>
/// <param name="Format">Format, where it is not to be detected.</param>
/// <param name="InPlace">Open the source itself for writing.</param>
/// <param name="Name">Name of the guest, where the caller chose one.</param>
/// <param name="Options">Options of the input type (<c>-io</c>).</param>
internal sealed record InputRequest(IReadOnlyList<string> Sources, string? Format, bool InPlace, string? Name, IReadOnlyDictionary<string, string> Options);
