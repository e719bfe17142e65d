using Hyper2Kvm.Core.Documents;

namespace Hyper2Kvm.Guest.Inspection;

/// <summary>An operating system that was found on a guest's volumes.</summary>
/// <param name="Volume">The volume that holds its root.</param>
/// <param name="Subvolume">btrfs option that chooses its root, <c>subvol=@</c>; <see langword="null"/> for the default subvolume.</param>
/// <param name="OperatingSystem">What system it is.</param>
/// <param name="Like">os-release's ID_LIKE, nearest first: an <c>ubuntu</c> is like <c>debian</c>.</param>
/// <param name="Architecture">As libvirt names it, <c>x86_64</c>; <see langword="null"/> where no program of it could be read.</param>
public sealed record GuestSystem(
    GuestVolume Volume,
    string? Subvolume,
    OperatingSystemMetadata OperatingSystem,
    IReadOnlyList<string> Like,
    string? Architecture)
{
    /// <summary>What more is known of a Windows; <see langword="null"/> for another system.</summary>
    public WindowsMetadata? Windows { get; init; }

    /// <summary>What of it could not be read, for people.</summary>
    public IReadOnlyList<string> Problems { get; init; } = [];
}
