namespace Hyper2Kvm.Guest.Files;

/// <summary>A guest's files, of which some mount points are FAT volumes that the host's kernel cannot mount and mtools serve.</summary>
/// <param name="files">The others.</param>
/// <param name="volumes">The FAT volumes by mount point.</param>
/// <remarks>A symbolic link that leads into such a volume is not followed: what lies there is reached by its mount point, as all of ours do.</remarks>
internal sealed class FatBackedFiles(IGuestFiles files, IReadOnlyDictionary<string, FatFiles> volumes) : IGuestFiles
{
    /// <inheritdoc/>
    public GuestFileStatus? Status(string path, bool followLinks = true) => Fat(path) is var (fat, inner) ? fat.Status(inner) : files.Status(path, followLinks);

    /// <inheritdoc/>
    public IReadOnlyList<string> List(string path) => Fat(path) is var (fat, inner) ? fat.List(inner) : files.List(path);

    /// <inheritdoc/>
    public byte[] Read(string path, long limit = 16 * 1024 * 1024)
        => Fat(path) is var (fat, inner) ? fat.Read(inner, limit) ?? throw Missing(path) : files.Read(path, limit);

    /// <inheritdoc/>
    public Stream OpenRead(string path)
        => Fat(path) is var (fat, inner) ? new MemoryStream(fat.Read(inner, int.MaxValue) ?? throw Missing(path), writable: false) : files.OpenRead(path);

    /// <inheritdoc/>
    public void Write(string path, ReadOnlySpan<byte> content, uint mode = 0x1A4)
    {
        if (Fat(path) is var (fat, inner))
        {
            fat.Write(inner, content);
        }
        else
        {
            files.Write(path, content, mode);
        }
    }

    /// <inheritdoc/>
    public void Copy(string from, string to)
    {
        if (Fat(from) is null && Fat(to) is null)
        {
            files.Copy(from, to);
        }
        else if (Status(to) is not null)
        {
            throw new GuestFileException(to, "exists already");
        }
        else
        {
            Write(to, Read(from, int.MaxValue));
        }
    }

    /// <inheritdoc/>
    public void Rename(string from, string to)
    {
        if (Fat(from) is var (fat, inner) && Fat(to) is var (other, target) && fat == other)
        {
            fat.Rename(inner, target);
        }
        else if (Fat(from) is null && Fat(to) is null)
        {
            files.Rename(from, to);
        }
        else
        {
            throw new GuestFileException(from, $"cannot be renamed to {to}: that is another file system");
        }
    }

    /// <inheritdoc/>
    public void Link(string path, string target)
    {
        if (Fat(path) is not null)
        {
            throw new GuestFileException(path, "cannot be a symbolic link: FAT has none");
        }

        files.Link(path, target);
    }

    /// <inheritdoc/>
    public string? ReadLink(string path) => Fat(path) is null ? files.ReadLink(path) : null;

    /// <inheritdoc/>
    public void Delete(string path)
    {
        if (Fat(path) is var (fat, inner))
        {
            fat.Delete(inner);
        }
        else
        {
            files.Delete(path);
        }
    }

    /// <inheritdoc/>
    public void MakeDirectory(string path, uint mode)
    {
        if (Fat(path) is var (fat, inner))
        {
            fat.MakeDirectory(inner);
        }
        else
        {
            files.MakeDirectory(path, mode);
        }
    }

    /// <inheritdoc/>
    public void DeleteTree(string path)
    {
        if (Fat(path) is var (fat, inner))
        {
            fat.DeleteTree(inner);
        }
        else
        {
            files.DeleteTree(path);
        }
    }

    /// <inheritdoc/>
    /// <remarks>FAT keeps none: nothing happens there.</remarks>
    public void SetMode(string path, uint mode)
    {
        if (Fat(path) is null)
        {
            files.SetMode(path, mode);
        }
    }

    /// <inheritdoc/>
    /// <remarks>FAT keeps none: nothing happens there.</remarks>
    public void SetOwner(string path, uint user, uint group)
    {
        if (Fat(path) is null)
        {
            files.SetOwner(path, user, group);
        }
    }

    /// <inheritdoc/>
    public string? Label(string path) => Fat(path) is null ? files.Label(path) : null;

    /// <inheritdoc/>
    public bool SetLabel(string path, string label) => Fat(path) is null && files.SetLabel(path, label);

    /// <inheritdoc/>
    public long FreeBytes(string path) => Fat(path) is var (fat, _) ? fat.FreeBytes() : files.FreeBytes(path);

    /// <inheritdoc/>
    public long FreeFiles(string path) => Fat(path) is null ? files.FreeFiles(path) : long.MaxValue;

    private static GuestFileException Missing(string path) => new(path, "does not exist");

    /// <summary>The volume that holds a path, and the path in it; the longest mount point counts.</summary>
    private (FatFiles Fat, string Inner)? Fat(string path)
    {
        var point = volumes.Keys.Where(point => path == point || path.StartsWith(point + "/", StringComparison.Ordinal)).MaxBy(point => point.Length);
        return point is null ? null : (volumes[point], path.Length == point.Length ? "/" : path[point.Length..]);
    }
}
