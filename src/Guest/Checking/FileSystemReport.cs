namespace Hyper2Kvm.Guest.Checking;

/// <summary>What a check of one file system came to.</summary>
/// <param name="Volume">The volume that holds it.</param>
/// <param name="State">What it came to.</param>
/// <param name="Note">What the tool said, or why it was not asked; <see langword="null"/> for a sound one.</param>
/// <param name="Took">Wall time.</param>
public sealed record FileSystemReport(GuestVolume Volume, FileSystemState State, string? Note, TimeSpan Took)
{
    /// <summary>What to do about a damaged one.</summary>
    public required string Remedy { get; init; }

    /// <summary>Whether the guest's own kernel met errors in it and noted that (ext2, ext3, ext4).</summary>
    public bool IsFlagged { get; init; }
}
