using System.Text;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest.Inspection;
using Hyper2Kvm.Guest.Mounting;

namespace Hyper2Kvm.Guest;

/// <summary>Mounts a system by its own fstab.</summary>
internal static class GuestMounter
{
    private const long LargestTable = 1024 * 1024;

    /// <summary>Mounts the root, reads its fstab, mounts the rest.</summary>
    /// <param name="system">The system.</param>
    /// <param name="tree">Where; closed here if it fails.</param>
    /// <param name="volumes">All volumes of the guest.</param>
    /// <exception cref="StepException">A file system that is needed cannot be mounted (<see cref="ErrorCodes.ConvertMount"/>).</exception>
    public static MountedGuest Mount(GuestSystem system, MountTree tree, IReadOnlyList<GuestVolume> volumes)
    {
        try
        {
            var mounted = new List<GuestMount>();
            var left = new List<UnmountedVolume>();
            MountOne(MountPlan.Make(system, [], volumes, DiskNaming.AsGiven)[0], tree, mounted, left);
            var fstab = Fstab.Parse(ReadTable(tree, "/etc/fstab"));
            var naming = DiskNamingSearch.Find(system.Volume, fstab, volumes);
            naming = naming.With(Crypttab.Names(ReadTable(tree, "/etc/crypttab"), volumes, naming));
            foreach (var planned in MountPlan.Make(system, fstab, volumes, naming).Skip(1))
            {
                MountOne(planned, tree, mounted, left);
            }

            var files = tree.OpenFiles();
            return new MountedGuest(LinuxInspection.Inspect(files, system.Volume, system.Subvolume) ?? system, tree, files, mounted, left, naming);
        }
        catch
        {
            tree.Dispose();
            throw;
        }
    }

    private static void MountOne(PlannedMount planned, MountTree tree, List<GuestMount> mounted, List<UnmountedVolume> left)
    {
        try
        {
            mounted.Add(planned.Volume is { } volume
                ? tree.Mount(volume, planned.MountPoint, planned.Subvolume)
                : throw new MountFailure($"no volume of the guest's disks is {planned.Spec}", 0));
        }
        catch (MountFailure failure) when (!planned.Needed)
        {
            left.Add(new UnmountedVolume(planned.Spec, planned.MountPoint, planned.Volume, failure.Message, planned.IsAwaited));
        }
        catch (MountFailure failure)
        {
            var name = planned.Volume is { } volume && volume.Device != planned.Spec ? $"{volume.Device} ({planned.Spec})" : planned.Spec;
            throw new StepException(LockedVolumes.CodeOf(planned.Volume) ?? ErrorCodes.ConvertMount, $"{name} cannot be mounted on {planned.MountPoint}: {failure.Message}", LockedVolumes.RemedyOf(planned.Volume), failure, planned.Volume?.Disk);
        }
    }

    private static string ReadTable(MountTree tree, string path)
    {
        using var files = tree.OpenFiles();
        try
        {
            return files.Status(path) is null ? string.Empty : Encoding.UTF8.GetString(files.Read(path, LargestTable));
        }
        catch (GuestFileException unusable)
        {
            throw new StepException(ErrorCodes.ConvertHostile, unusable.Message, inner: unusable);
        }
    }
}
