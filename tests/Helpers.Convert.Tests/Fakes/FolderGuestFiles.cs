using Hyper2Kvm.Guest;

namespace Hyper2Kvm.Helpers.Convert.Tests.Fakes;

/// <summary>A guest's files in a folder of the host; links are resolved inside it.</summary>
internal sealed class FolderGuestFiles(string root) : IGuestFiles
{
    public long Free { get; set; } = 1L << 40;

    public Dictionary<string, long> FreeByPath { get; } = [];

    public Dictionary<string, long> FreeFilesByPath { get; } = [];

    public List<string> Written { get; } = [];

    public Dictionary<string, (uint User, uint Group)> Owners { get; } = [];

    public Dictionary<string, string> Labels { get; } = [];

    public string Host(string path, bool followLast = true)
    {
        var pending = new Stack<string>(path.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse());
        var done = new List<string>();
        for (var links = 0; pending.TryPop(out var part);)
        {
            if (part == ".")
                continue;
            if (part == "..")
            {
                if (done.Count > 0)
                    done.RemoveAt(done.Count - 1);
                continue;
            }

            var here = Path.Combine([root, .. done, part]);
            var target = (pending.Count > 0 || followLast) && new FileInfo(here).LinkTarget is { } link && links++ < 40 ? link : null;
            if (target is null)
            {
                done.Add(part);
                continue;
            }

            if (target.StartsWith('/'))
                done.Clear();
            foreach (var step in target.Split('/', StringSplitOptions.RemoveEmptyEntries).Reverse())
                pending.Push(step);
        }

        return Path.Combine([root, .. done]);
    }

    public GuestFileStatus? Status(string path, bool followLinks = true)
    {
        var host = Host(path, followLinks);
        var file = new FileInfo(host);
        if (file.LinkTarget is not null)
            return followLinks ? null : new GuestFileStatus(GuestFileKind.SymbolicLink, 0, 0x1FF, 0, 0);
        if (Directory.Exists(host))
            return Identified(path, new GuestFileStatus(GuestFileKind.Directory, 0, (uint)file.UnixFileMode, 0, 0));
        return file.Exists ? Identified(path, new GuestFileStatus(GuestFileKind.File, file.Length, (uint)file.UnixFileMode, 0, 0)) : null;
    }

    private GuestFileStatus Identified(string path, GuestFileStatus status)
        => Owners.TryGetValue(path, out var owner) ? status with { UserId = owner.User, GroupId = owner.Group } : status;

    public IReadOnlyList<string> List(string path)
        => Directory.Exists(Host(path)) ? [.. Directory.EnumerateFileSystemEntries(Host(path)).Select(entry => Path.GetFileName(entry)).Order(StringComparer.Ordinal)] : [];

    public byte[] Read(string path, long limit = 16 * 1024 * 1024)
    {
        var status = Status(path);
        if (status?.Kind != GuestFileKind.File)
            throw new GuestFileException(path, "no regular file");
        return status.Length <= limit ? File.ReadAllBytes(Host(path)) : throw new GuestFileException(path, "too long");
    }

    public Stream OpenRead(string path)
        => Status(path)?.Kind == GuestFileKind.File ? File.OpenRead(Host(path)) : throw new GuestFileException(path, "no regular file");

    public void Write(string path, ReadOnlySpan<byte> content, uint mode = 0x1A4)
    {
        Written.Add(path);
        Directory.CreateDirectory(Path.GetDirectoryName(Host(path))!);
        var isNew = !File.Exists(Host(path));
        File.WriteAllBytes(Host(path), content.ToArray());
        if (isNew)
            File.SetUnixFileMode(Host(path), (UnixFileMode)mode);
    }

    public void Copy(string from, string to) => File.Copy(Host(from), Host(to));

    public void Rename(string from, string to) => File.Move(Host(from, false), Host(to, false), overwrite: true);

    public void Link(string path, string target)
    {
        Delete(path);
        Directory.CreateDirectory(Path.GetDirectoryName(Host(path, false))!);
        File.CreateSymbolicLink(Host(path, false), target);
    }

    public string? ReadLink(string path) => new FileInfo(Host(path, false)).LinkTarget;

    public void Delete(string path)
    {
        if (Status(path, followLinks: false) is not null)
            File.Delete(Host(path, false));
    }

    public void MakeDirectory(string path, uint mode)
    {
        if (Status(path) is not null)
            return;
        Written.Add(path);
        Directory.CreateDirectory(Host(path));
        File.SetUnixFileMode(Host(path), (UnixFileMode)mode);
    }

    public void DeleteTree(string path)
    {
        if (Status(path, followLinks: false)?.Kind == GuestFileKind.Directory)
            Directory.Delete(Host(path), recursive: true);
        else
            Delete(path);
    }

    public void SetMode(string path, uint mode) => File.SetUnixFileMode(Host(path), (UnixFileMode)mode);

    public void SetOwner(string path, uint user, uint group) => Owners[path] = (user, group);

    public string? Label(string path) => Labels.GetValueOrDefault(path);

    public bool SetLabel(string path, string label)
    {
        Labels[path] = label;
        return true;
    }

    public long FreeBytes(string path) => FreeByPath.GetValueOrDefault(path, Free);

    public long FreeFiles(string path) => FreeFilesByPath.GetValueOrDefault(path, long.MaxValue);
}
