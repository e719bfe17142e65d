using Hyper2Kvm.Guest.Inspection;

namespace Hyper2Kvm.Guest.Mounting;

/// <summary>Decides what of a guest is mounted where: by its own fstab, the root as it was found.</summary>
internal static class MountPlan
{
    /// <summary>Mount points that hold what a conversion edits: with one of them missing, it would edit the wrong files.</summary>
    private static readonly HashSet<string> NeededMountPoints = new(StringComparer.Ordinal) { "/", "/boot", "/usr", "/var", "/etc", "/lib" };

    /// <summary>The mounts in the order in which they have to happen: parents first.</summary>
    /// <param name="system">The system whose fstab it is.</param>
    /// <param name="fstab">Its fstab.</param>
    /// <param name="volumes">All volumes of the guest.</param>
    /// <param name="naming">Which disk the fstab means by which name.</param>
    public static IReadOnlyList<PlannedMount> Make(GuestSystem system, IReadOnlyList<FstabEntry> fstab, IReadOnlyList<GuestVolume> volumes, DiskNaming naming)
    {
        // The device in fstab's line for / may be wrong or stale; the file system that holds this fstab is not.
        var root = new PlannedMount(system.Volume, system.Volume.Device, "/", system.Subvolume, Needed: true);
        var others = fstab
            .Where(entry => entry.IsVolume)
            .Select(entry => (entry, point: Normalize(entry.MountPoint)))
            .Where(pair => pair.point != "/")
            .DistinctBy(pair => pair.point)
            .Select(pair => new PlannedMount(
                DeviceSpec.Resolve(pair.entry.Spec, volumes, naming),
                pair.entry.Spec,
                pair.point,
                Subvolume(pair.entry),
                NeededMountPoints.Contains(pair.point),
                !pair.entry.Options.Any(option => option is "nofail" or "noauto")))
            .OrderBy(planned => planned.Depth);
        return [root, .. others];
    }

    private static string? Subvolume(FstabEntry entry)
        => entry.Option("subvol") is { } path ? $"subvol={path}"
            : entry.Option("subvolid") is { } id ? $"subvolid={id}"
            : null;

    /// <summary>Without doubled slashes and one at the end. Dots stay: the kernel resolves them inside the guest.</summary>
    private static string Normalize(string path) => "/" + string.Join('/', path.Split('/', StringSplitOptions.RemoveEmptyEntries));
}
