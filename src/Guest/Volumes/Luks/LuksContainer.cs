namespace Hyper2Kvm.Guest.Volumes.Luks;

/// <summary>What the header of a LUKS container says, version 1 or 2.</summary>
/// <param name="Version">1 or 2.</param>
/// <param name="Uuid">Its UUID; empty where the header has none.</param>
/// <param name="Slots">The key slots that are in use, in the order in which they are tried.</param>
/// <param name="Segment">Where the encrypted bytes lie.</param>
/// <param name="Note">What is wrong with the header though it could be read, for people.</param>
internal sealed record LuksContainer(int Version, string Uuid, IReadOnlyList<LuksKeySlot> Slots, LuksSegment Segment, string? Note = null);
