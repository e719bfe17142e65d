namespace Hyper2Kvm.Guest.Probing;

/// <summary>What a volume holds, in the words of blkid.</summary>
/// <param name="Type">blkid's TYPE.</param>
/// <param name="Uuid">blkid's UUID.</param>
/// <param name="Label">blkid's LABEL.</param>
internal sealed record VolumeContent(string Type, string? Uuid = null, string? Label = null);
