using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest.Files;
using Hyper2Kvm.Guest.Inspection;
using Hyper2Kvm.Guest.Mounting;
using Hyper2Kvm.Guest.Sandbox;

namespace Hyper2Kvm.Guest;

/// <summary>A guest with its file systems in their places.</summary>
public sealed class MountedGuest : IDisposable
{
    private readonly MountTree _tree;
    private readonly ConfinedFiles _files;
    private readonly IReadOnlyCollection<string> _fat;

    internal MountedGuest(GuestSystem system, MountTree tree, ConfinedFiles files, IReadOnlyDictionary<string, FatFiles> fat, IReadOnlyList<GuestMount> mounts, IReadOnlyList<UnmountedVolume> unmounted, DiskNaming naming, IReadOnlyList<FstabEntry> fstab)
    {
        System = system;
        _tree = tree;
        _files = files;
        _fat = [.. fat.Keys];
        Files = fat.Count > 0 ? new FatBackedFiles(files, fat) : files;
        Mounts = mounts;
        Unmounted = unmounted;
        Naming = naming;
        Fstab = fstab;
    }

    /// <summary>The system, looked at again with all its file systems in place (its /usr may have been elsewhere).</summary>
    public GuestSystem System { get; }

    /// <summary>Its files. Any thread may use them, but one at a time what lies on a FAT volume that the host's kernel cannot mount.</summary>
    public IGuestFiles Files { get; }

    /// <summary>What is mounted, the root first.</summary>
    public IReadOnlyList<GuestMount> Mounts { get; }

    /// <summary>What its fstab names and could not be mounted, though the system does not need it: to be told as warnings.</summary>
    public IReadOnlyList<UnmountedVolume> Unmounted { get; }

    /// <summary>Which disk its files mean by which name.</summary>
    public DiskNaming Naming { get; }

    /// <summary>What its fstab says, in its order.</summary>
    public IReadOnlyList<FstabEntry> Fstab { get; }

    /// <summary>Its programs, in a sandbox: the one way to run anything of a guest.</summary>
    /// <param name="log">File for what they write, added to; <see langword="null"/> for none.</param>
    public IGuestPrograms Programs(string? log) => new GuestSandbox(_tree, _fat, log);

    /// <summary>Gives the blocks that no file uses back to the disks, so that they are not copied (FITRIM on every file system).</summary>
    /// <returns>Bytes; a file system or disk that cannot do it counts 0.</returns>
    public long Trim() => _tree.Trim();

    /// <summary>Syncs all, unmounts in order and flushes the disks. May be called twice.</summary>
    /// <exception cref="StepException">A write was lost on its way to a disk, or something is still in use (<see cref="ErrorCodes.ConvertDisk"/>).</exception>
    public void Close()
    {
        _files.Dispose();
        _tree.Close();
    }

    /// <summary>The same as <see cref="Close"/>, and throws as it does: a lost write must not look like success.</summary>
    public void Dispose() => Close();
}
