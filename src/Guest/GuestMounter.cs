using System.Collections.Concurrent;
using System.Text;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest.Files;
using Hyper2Kvm.Guest.Inspection;
using Hyper2Kvm.Guest.Mounting;
using Hyper2Kvm.Guest.Volumes;

namespace Hyper2Kvm.Guest;

/// <summary>Mounts a system by its own fstab: the root, then each depth of mount points side by side.</summary>
internal sealed class GuestMounter
{
    private const long LargestTable = 1024 * 1024;

    private readonly MountTree _tree;
    private readonly MountOptions _options;
    private readonly int _workers;
    private readonly ConcurrentDictionary<string, FatFiles> _fat = new(StringComparer.Ordinal);

    private GuestMounter(MountTree tree, MountOptions options, int workers)
    {
        _tree = tree;
        _options = options;
        _workers = workers;
    }

    /// <summary>Mounts the root, reads its fstab, mounts the rest.</summary>
    /// <param name="system">The system.</param>
    /// <param name="tree">Where; closed here if it fails.</param>
    /// <param name="volumes">All volumes of the guest.</param>
    /// <param name="options">For writing or not.</param>
    /// <param name="workers">Most file systems that are mounted at once.</param>
    /// <exception cref="StepException">A file system that is needed cannot be mounted as asked (<see cref="ErrorCodes.ConvertMount"/>).</exception>
    public static MountedGuest Mount(GuestSystem system, MountTree tree, IReadOnlyList<GuestVolume> volumes, MountOptions options, int workers)
    {
        try
        {
            return new GuestMounter(tree, options, workers).Mount(system, volumes);
        }
        catch
        {
            tree.Dispose();
            throw;
        }
    }

    private MountedGuest Mount(GuestSystem system, IReadOnlyList<GuestVolume> volumes)
    {
        var root = MountOne(MountPlan.Make(system, [], volumes, DiskNaming.AsGiven)[0]);
        var fstab = Fstab.Parse(ReadTable("/etc/fstab"));
        var naming = DiskNamingSearch.Find(system.Volume, fstab, volumes);
        naming = naming.With(Crypttab.Names(ReadTable("/etc/crypttab"), volumes, naming));
        var planned = MountPlan.Make(system, fstab, volumes, naming).Skip(1).ToList();
        var outcomes = MountByDepth(planned).Prepend(root).ToList();
        List<GuestMount> mounts = [.. outcomes.Select(outcome => outcome.Mount).OfType<GuestMount>()];
        mounts.AddRange(MountAutomatic(system, volumes, mounts));
        var files = _tree.OpenFiles();
        return new MountedGuest(
            (system.Windows is null ? LinuxInspection.Inspect(files, system.Volume, system.Subvolume) : null) ?? system,
            _tree,
            files,
            _fat,
            mounts,
            [.. outcomes.Select(outcome => outcome.Left).OfType<UnmountedVolume>()],
            naming,
            fstab);
    }

    /// <summary>Parents before children; those of one depth side by side.</summary>
    /// <remarks>
    /// A mount point that is reached through a link, or is not there yet, may lie in another mount of the same depth: those, and all below
    /// them, come last and one after the other, so that the outcome never depends on which thread was first.
    /// </remarks>
    private List<Outcome> MountByDepth(IReadOnlyList<PlannedMount> planned)
    {
        var outcomes = new Outcome[planned.Count];
        var linked = new List<int>();
        foreach (var depth in Enumerable.Range(0, planned.Count).GroupBy(index => planned[index].Depth).OrderBy(group => group.Key))
        {
            bool IsPlain(int index) => !linked.Exists(other => planned[index].IsBelow(planned[other])) && _tree.IsPlain(planned[index].MountPoint);
            var (plain, later) = (depth.Where(IsPlain).ToList(), depth.Where(index => !IsPlain(index)).ToList());
            linked.AddRange(later);
            _tree.RunAll([.. plain.Select(index => (Action)(() => outcomes[index] = MountOne(planned[index])))], _workers);
        }

        foreach (var index in linked)
        {
            outcomes[index] = MountOne(planned[index]);
        }

        return [.. outcomes];
    }

    /// <summary>Boot partitions that no fstab names; one that cannot be mounted is left out, as the guest itself goes on without it.</summary>
    private IReadOnlyList<GuestMount> MountAutomatic(GuestSystem system, IReadOnlyList<GuestVolume> volumes, IReadOnlyList<GuestMount> mounted)
    {
        List<(GuestVolume Volume, string MountPoint)> found;
        using (var files = _tree.OpenFiles())
        {
            found = [.. AutomaticMounts.Find(system, volumes, mounted, path => files.Status(path)?.Kind == GuestFileKind.Directory && files.List(path).Count == 0)];
        }

        return [.. found.Select(mount => MountOne(new PlannedMount(mount.Volume, mount.Volume.Device, mount.MountPoint, null, Needed: false)).Mount).OfType<GuestMount>()];
    }

    private Outcome MountOne(PlannedMount planned)
    {
        try
        {
            var mount = planned.Volume is { } volume
                ? Mount(volume, planned)
                : throw new MountFailure($"no volume of the guest's disks is {planned.Spec}", 0);
            return _options.Writable && planned.Needed && !mount.Writable
                ? throw Failure(planned, $"cannot be mounted for writing on {planned.MountPoint}, only {mount.Fallback ?? (mount.Volume.Map?.WriteRefusal is { } refusal ? $"read-only: {refusal}" : "read-only, by its kind or a flag of its own")}", null)
                : new Outcome(mount, null);
        }
        catch (MountFailure failure) when (!planned.Needed)
        {
            return new Outcome(null, new UnmountedVolume(planned.Spec, planned.MountPoint, planned.Volume, failure.Message, planned.IsAwaited));
        }
        catch (MountFailure failure)
        {
            throw Failure(planned, $"cannot be mounted on {planned.MountPoint}: {failure.Message}", failure);
        }
    }

    /// <summary>By the kernel; a FAT volume by mtools where that has no driver, as in containers.</summary>
    private GuestMount Mount(GuestVolume volume, PlannedMount planned)
    {
        try
        {
            return _tree.Mount(volume, planned.MountPoint, planned.Subvolume);
        }
        catch (MountFailure failure) when (failure.Errno == Native.Errno.NoDevice && volume.Content == "vfat")
        {
            _fat[planned.MountPoint] = _tree.OpenFat(volume);
            return new GuestMount(volume, planned.MountPoint, null, "vfat", string.Empty, _options.Writable);
        }
    }

    private static StepException Failure(PlannedMount planned, string what, Exception? cause)
    {
        var name = planned.Volume is { } volume && volume.Device != planned.Spec ? $"{volume.Device} ({planned.Spec})" : planned.Spec;
        return new StepException(LockedVolumes.CodeOf(planned.Volume) ?? ErrorCodes.ConvertMount, $"{name} {what}", LockedVolumes.RemedyOf(planned.Volume), cause, planned.Volume?.Disk);
    }

    private string ReadTable(string path)
    {
        using var files = _tree.OpenFiles();
        try
        {
            return files.Status(path) is null ? string.Empty : Encoding.UTF8.GetString(files.Read(path, LargestTable));
        }
        catch (GuestFileException unusable)
        {
            throw new StepException(ErrorCodes.ConvertHostile, unusable.Message, inner: unusable);
        }
    }

    /// <summary>What became of one planned mount: one of the two.</summary>
    private sealed record Outcome(GuestMount? Mount, UnmountedVolume? Left);
}
