namespace Hyper2Kvm.Guest.Mounting;

/// <summary>One mounted file system of a guest.</summary>
/// <param name="Volume">What is mounted.</param>
/// <param name="MountPoint">Where in the guest.</param>
/// <param name="Subvolume">btrfs option that chose the subvolume, <c>subvol=@</c>; <see langword="null"/> for the default one.</param>
/// <param name="Type">Driver, <c>ext4</c>.</param>
/// <param name="Options">Options of the file system beyond nosuid, nodev, noexec.</param>
/// <param name="Writable">Whether it can be written, as the kernel says.</param>
public sealed record GuestMount(GuestVolume Volume, string MountPoint, string? Subvolume, string Type, string Options, bool Writable)
{
    /// <summary>The way that worked.</summary>
    public MountWay Way => Attempts[^1].Way;

    /// <summary>All ways that were tried, in order; the last one worked.</summary>
    public IReadOnlyList<MountAttempt> Attempts { get; init; } = [new MountAttempt(MountWay.Normal, null)];

    /// <summary>What a person should know of its state: recorded errors, Windows hibernated on it. <see langword="null"/> for a sound one.</summary>
    public string? Warning { get; init; }

    /// <summary>How it was mounted where that was not the normal way, with the reason; else <see langword="null"/>.</summary>
    public string? Fallback => Way == MountWay.Normal ? null
        : Attempts.Count == 1 ? MountLadder.Name(Way)
        : $"{MountLadder.Name(Way)} ({MountLadder.Describe([.. Attempts.SkipLast(1)])})";
}
