using System.Buffers;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Processes;
using Hyper2Kvm.Guest.Caching;
using Hyper2Kvm.Guest.Mounting;
using Hyper2Kvm.Guest.Volumes;

namespace Hyper2Kvm.Guest.Files;

/// <summary>The files of one FAT volume, through mtools: no driver of the kernel is needed.</summary>
/// <remarks>
/// Paths are absolute with <c>/</c>, letters of either case are the same. FAT knows no links, so no path leads out of the volume.
/// Each call is a process (5 ms): meant for the few files of an EFI system partition.
/// </remarks>
public sealed class FatFiles
{
    private static readonly SearchValues<char> NotInNames = SearchValues.Create("*?[]\\\0\n");

    private readonly MountNamespace _namespace;
    private readonly VolumeFiles _files;
    private readonly GuestVolume _volume;
    private readonly GuestCaches _caches;
    private Dictionary<string, GuestFileStatus>? _tree;
    private long _free;

    internal FatFiles(MountNamespace mounts, VolumeFiles files, GuestVolume volume, GuestCaches caches)
    {
        _caches = caches;
        _namespace = mounts;
        _files = files;
        _volume = volume;
    }

    /// <summary>The names in a directory, sorted by ordinal; empty where there is none.</summary>
    /// <param name="path">Absolute path of a directory.</param>
    public IReadOnlyList<string> List(string path)
    {
        _ = Inner(path);
        var directory = path.TrimEnd('/') + "/";
        return [.. Tree().Keys
            .Where(entry => entry.Length > directory.Length && entry.StartsWith(directory, StringComparison.OrdinalIgnoreCase) && entry.IndexOf('/', directory.Length) < 0)
            .Select(entry => entry[directory.Length..])
            .Order(StringComparer.Ordinal)];
    }

    /// <summary>What a path names, or <see langword="null"/> where nothing is. FAT has no owners; modes are those of a mount without options.</summary>
    /// <param name="path">Absolute path.</param>
    public GuestFileStatus? Status(string path)
    {
        _ = Inner(path);
        return Tree().GetValueOrDefault(path.Length > 1 ? path.TrimEnd('/') : path);
    }

    /// <summary>Free space, bytes.</summary>
    public long FreeBytes()
    {
        _ = Tree();
        return _free;
    }

    /// <summary>The content of a file, or <see langword="null"/> where there is none.</summary>
    /// <param name="path">Absolute path.</param>
    /// <param name="limit">The most bytes that are accepted.</param>
    /// <exception cref="GuestFileException">It is longer than <paramref name="limit"/>.</exception>
    public byte[]? Read(string path, long limit = 64 * 1024 * 1024)
    {
        var result = Run("mcopy", [], Inner(path), "-");
        return !result.Succeeded ? null
            : result.Output.Length <= limit ? result.Output
            : throw new GuestFileException(path, $"is longer than the {limit} bytes that a file of this kind may have");
    }

    /// <summary>Replaces or creates a file; missing directories are made. On the disk when it returns.</summary>
    /// <param name="path">Absolute path.</param>
    /// <param name="content">Its content.</param>
    /// <exception cref="StepException">No room (<see cref="ErrorCodes.ConvertNoSpace"/>), or the volume cannot be written (<see cref="ErrorCodes.ConvertDisk"/>).</exception>
    public void Write(string path, ReadOnlySpan<byte> content)
    {
        MakeDirectory(path[..path.LastIndexOf('/')]);
        Change(path, "written", "mcopy", content.ToArray(), "-o", "-", Inner(path));
    }

    /// <summary>Makes a directory and those above it, where they are missing.</summary>
    /// <param name="path">Absolute path.</param>
    /// <exception cref="StepException">No room (<see cref="ErrorCodes.ConvertNoSpace"/>), or the volume cannot be written (<see cref="ErrorCodes.ConvertDisk"/>).</exception>
    public void MakeDirectory(string path)
    {
        for (var end = 0; end < path.Length;)
        {
            var slash = path.IndexOf('/', end + 1);
            end = slash < 0 ? path.Length : slash;
            if (Status(path[..end]) is null)
            {
                Change(path[..end], "made", "mmd", [], "-D", "s", Inner(path[..end]));
            }
        }
    }

    /// <summary>Renames a file, replacing one of that name.</summary>
    /// <param name="from">Absolute path.</param>
    /// <param name="to">Absolute path.</param>
    /// <exception cref="StepException">The volume cannot be written (<see cref="ErrorCodes.ConvertDisk"/>).</exception>
    public void Rename(string from, string to)
    {
        Delete(to);
        Change(from, "renamed", "mren", [], Inner(from), Inner(to));
    }

    /// <summary>Removes a file; nothing happens where none is.</summary>
    /// <param name="path">Absolute path.</param>
    /// <exception cref="StepException">The volume cannot be written (<see cref="ErrorCodes.ConvertDisk"/>).</exception>
    public void Delete(string path)
    {
        if (Status(path) is not null)
        {
            Change(path, "removed", "mdel", [], Inner(path));
        }
    }

    /// <summary>Removes a file, or a directory with all that is in it; nothing happens where none is.</summary>
    /// <param name="path">Absolute path.</param>
    /// <exception cref="StepException">The volume cannot be written (<see cref="ErrorCodes.ConvertDisk"/>).</exception>
    public void DeleteTree(string path)
    {
        if (Status(path) is not null)
        {
            Change(path, "removed", "mdeltree", [], Inner(path));
        }
    }

    /// <summary>All of the volume's files: an EFI system partition has few, and one process tells them all.</summary>
    private Dictionary<string, GuestFileStatus> Tree()
    {
        if (_tree is { } known)
        {
            return known;
        }

        // An empty volume has nothing to descend into, and fails.
        var result = Run("mdir", [], "-/", "-a", "::/");
        result = result.Succeeded ? result : Run("mdir", [], "-a", "::/");
        if (!result.Succeeded)
        {
            throw new StepException(ErrorCodes.ConvertMount, $"{_volume.Device} cannot be read as FAT: {result.LastError}", disk: _volume.Disk);
        }

        _free = FatListing.FreeBytes(result.OutputText);
        return _tree = FatListing.Parse(result.OutputText);
    }

    private void Change(string path, string verb, string program, byte[] input, params string[] arguments)
    {
        var result = Run(program, input, arguments);
        _tree = null;
        _caches.Drop();
        if (!result.Succeeded)
        {
            var code = result.ErrorText.Contains("full", StringComparison.OrdinalIgnoreCase) ? ErrorCodes.ConvertNoSpace : ErrorCodes.ConvertDisk;
            throw new StepException(code, $"{path} cannot be {verb} on {_volume.Device}: {result.LastError}", disk: _volume.Disk);
        }

        _files.Flush([_volume]);
    }

    /// <summary>A path as mtools has it. Its wildcards are not for a name that is to be taken as it is.</summary>
    private static string Inner(string path)
        => path.StartsWith('/') && path.AsSpan().IndexOfAny(NotInNames) < 0
            ? $"::{path}"
            : throw new GuestFileException(path, "is no path of a file on a FAT volume");

    private CommandResult Run(string program, byte[] input, params string[] arguments)
    {
        var file = _files.Open(_volume);
        return CommandRunner.Run(_namespace.Inside(new Command(program, ["-i", $"{file.Path}@@{file.Offset}", .. arguments])) with
        {
            // An unusual geometry is no reason to refuse; the guest's firmware does not look at it either.
            Environment = new Dictionary<string, string?> { ["MTOOLS_SKIP_CHECK"] = "1", ["MTOOLSRC"] = "/dev/null", ["LC_ALL"] = "C.UTF-8" },
            Input = input,
        });
    }
}
