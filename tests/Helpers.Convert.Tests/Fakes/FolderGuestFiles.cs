using Hyper2Kvm.Guest;

namespace Hyper2Kvm.Helpers.Convert.Tests.Fakes;

/// <summary>A guest's files in a folder of the host; links are resolved inside it.</summary>
internal sealed class FolderGuestFiles(string root) : IGuestFiles
{
    public long Free { get; set; } = 1L << 40;

    public Dictionary<string, long> FreeByPath { get; } = [];

    public List<string> Written { get; } = [];

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
            return new GuestFileStatus(GuestFileKind.Directory, 0, 0x1ED, 0, 0);
        return file.Exists ? new GuestFileStatus(GuestFileKind.File, file.Length, (uint)file.UnixFileMode, 0, 0) : null;
    }

    public IReadOnlyList<string> List(string path)
        => Directory.Exists(Host(path)) ? [.. Directory.EnumerateFileSystemEntries(Host(path)).Select(entry => Path.GetFileName(entry)).Order(StringComparer.Ordinal)] : [];

    public byte[] Read(string path, long limit = 16 * 1024 * 1024)
    {
        var status = Status(path);
        if (status?.Kind != GuestFileKind.File)
            throw new GuestFileException(path, "no regular file");
        return status.Length <= limit ? File.ReadAllBytes(Host(path)) : throw new GuestFileException(path, "too long");
    }

    public Stream OpenRead(string path) => File.OpenRead(Host(path));

    public void Write(string path, ReadOnlySpan<byte> content, uint mode = 0x1A4)
    {
        Written.Add(path);
        Directory.CreateDirectory(Path.GetDirectoryName(Host(path))!);
        File.WriteAllBytes(Host(path), content.ToArray());
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

    public long FreeBytes(string path) => FreeByPath.GetValueOrDefault(path, Free);
}
