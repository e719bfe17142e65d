using Hyper2Kvm.Guest.Inspection;

namespace Hyper2Kvm.Guest.Mounting;

/// <summary>Where a guest has its boot partitions that its fstab does not name: systemd mounts them by their type (systemd-gpt-auto-generator(8)). Pure.</summary>
internal static class AutomaticMounts
{
    /// <summary>GPT type of an extended boot loader partition (UAPI.2 Discoverable Partitions Specification).</summary>
    private const string ExtendedBootLoader = "bc13c2ff-59e6-4262-a352-b275fd6f7172";

    /// <summary>What is mounted beside what fstab names.</summary>
    /// <param name="system">The system.</param>
    /// <param name="volumes">All volumes of the guest.</param>
    /// <param name="mounted">What is mounted already.</param>
    /// <param name="isEmptyDirectory">Whether a path is a directory with nothing in it.</param>
    public static IEnumerable<(GuestVolume Volume, string MountPoint)> Find(
        GuestSystem system, IReadOnlyList<GuestVolume> volumes, IReadOnlyList<GuestMount> mounted, Predicate<string> isEmptyDirectory)
    {
        // By its disk: another disk's partitions belong to another system. Only what mtools or the kernel can open.
        GuestVolume? Left(string type) => volumes.FirstOrDefault(volume => volume.PartitionType == type && volume.Content == "vfat" && system.Volume.Disks.Contains(volume.Disk) && mounted.All(mount => mount.Volume != volume));
        bool IsFree(string point) => mounted.All(mount => mount.MountPoint != point) && isEmptyDirectory(point);
        var taken = new List<string>();
        foreach (var (type, points) in new[] { (ExtendedBootLoader, new[] { "/boot" }), (BootInspection.EfiSystemPartition, ["/efi", "/boot/efi", "/boot"]) })
        {
            if (Left(type) is { } volume && Array.Find(points, point => !taken.Contains(point) && IsFree(point)) is { } free)
            {
                taken.Add(free);
                yield return (volume, free);
            }
        }
    }
}
