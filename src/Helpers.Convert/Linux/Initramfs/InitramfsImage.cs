using System.Diagnostics.CodeAnalysis;

namespace Hyper2Kvm.Helpers.Convert.Linux.Initramfs;

/// <summary>
/// An initramfs as the kernel reads it: cpio archives one after another, the first ones not compressed (early microcode), the
/// rest compressed or not (Documentation/driver-api/early-userspace/buffer-format.rst). A later archive's file replaces an earlier one's.
/// </summary>
internal sealed class InitramfsImage
{
    private readonly Dictionary<string, CpioEntry> _tree = new(StringComparer.Ordinal);

    private InitramfsImage(ReadOnlyMemory<byte> leading, ReadOnlyMemory<byte> tail, ArchiveCompression compression, IReadOnlyList<CpioArchive> archives, int plainTailLength)
    {
        Leading = leading;
        Tail = tail;
        Compression = compression;
        Archives = archives;
        PlainTailLength = plainTailLength;
        foreach (var entry in archives.SelectMany(archive => archive.Entries).Where(entry => !entry.IsTrailer))
            _tree[entry.Path] = entry;
    }

    /// <summary>The archives in front and the padding between, as they stand in the file.</summary>
    public ReadOnlyMemory<byte> Leading { get; }

    /// <summary>The last part, as it stands in the file.</summary>
    public ReadOnlyMemory<byte> Tail { get; }

    /// <summary>Compression of <see cref="Tail"/>.</summary>
    public ArchiveCompression Compression { get; }

    /// <summary>Length of <see cref="Tail"/> unpacked, bytes.</summary>
    public int PlainTailLength { get; }

    /// <summary>All archives, in the order of the file.</summary>
    public IReadOnlyList<CpioArchive> Archives { get; }

    /// <summary>All paths, sorted.</summary>
    public IEnumerable<string> Paths => _tree.Keys.Order(StringComparer.Ordinal);

    /// <summary>Reads an initramfs.</summary>
    /// <param name="file">All of the file.</param>
    /// <param name="cancel">Stops tools of the host.</param>
    /// <param name="limit">Most bytes that it may unpack to.</param>
    /// <exception cref="InitramfsFormatException">It is damaged, hostile, or of an unknown compression.</exception>
    public static InitramfsImage Read(ReadOnlyMemory<byte> file, CancellationToken cancel, long limit = Codec.LargestUnpacked)
    {
        var leading = ReadArchives(file, isLast: false, out var plainEnd, out var lastStart);
        var rest = SkipZeros(file, plainEnd);
        if (rest == file.Length && leading.Count > 0)
        {
            // Nothing is compressed: the last archive is the one that holds the system.
            leading[^1] = leading[^1] with { IsLast = true };
            return new InitramfsImage(file[..lastStart], file[lastStart..], ArchiveCompression.None, leading, file.Length - lastStart);
        }

        if (rest == file.Length)
            throw new InitramfsFormatException("it is empty");
        var compression = Codec.Detect(file.Span[rest..]);
        var plain = Codec.Unpack(compression, file[rest..], cancel, limit);
        var archives = ReadArchives(plain, isLast: true, out var end, out _);
        if (SkipZeros(plain, end) != plain.Length || archives.Count == 0)
            throw new InitramfsFormatException($"there is something else than cpio archives in it, at byte {end} unpacked");
        return new InitramfsImage(file[..rest], file[rest..], compression, [.. leading, .. archives], plain.Length);
    }

    /// <summary>The entry that the running system sees at a path; symbolic links of directories on the way are followed (<c>lib</c> → <c>usr/lib</c>).</summary>
    /// <param name="path">Path without a leading slash.</param>
    /// <param name="entry">The entry.</param>
    public bool TryGet(string path, [NotNullWhen(true)] out CpioEntry? entry) => _tree.TryGetValue(Resolve(path), out entry);

    /// <summary>Content of a file, or <see langword="null"/> where it is missing; of several hard links one alone carries it.</summary>
    /// <param name="path">Path without a leading slash.</param>
    public ReadOnlyMemory<byte>? Content(string path)
    {
        if (!TryGet(path, out var entry) || !entry.IsFile)
            return null;
        return entry.Links < 2 || !entry.Data.IsEmpty
            ? entry.Data
            : Archives.SelectMany(archive => archive.Entries).LastOrDefault(other => other.IsFile && other.Inode == entry.Inode && other.Links > 1 && !other.Data.IsEmpty)?.Data
                ?? entry.Data;
    }

    /// <summary>A path with the symbolic links of its directories followed, as far as they are in the archive.</summary>
    /// <param name="path">Path without a leading slash.</param>
    public string Resolve(string path)
    {
        const int MostLinks = 40;
        var pending = new Stack<string>(path.Split('/').Reverse());
        var resolved = new List<string>();
        for (var links = 0; pending.TryPop(out var part);)
        {
            if (part is "" or ".")
                continue;
            if (part == "..")
            {
                resolved.RemoveRange(Math.Max(resolved.Count - 1, 0), Math.Min(resolved.Count, 1));
                continue;
            }

            var here = string.Join('/', resolved.Append(part));
            if (pending.Count == 0 || !_tree.TryGetValue(here, out var entry) || !entry.IsLink || ++links > MostLinks)
            {
                resolved.Add(part);
                continue;
            }

            if (entry.LinkTarget.StartsWith('/'))
                resolved.Clear();
            foreach (var step in entry.LinkTarget.Split('/').Reverse())
                pending.Push(step);
        }

        return string.Join('/', resolved);
    }

    private static List<CpioArchive> ReadArchives(ReadOnlyMemory<byte> bytes, bool isLast, out int end, out int lastStart)
    {
        var archives = new List<CpioArchive>();
        (end, lastStart) = (0, 0);
        for (var at = 0; at < bytes.Length && CpioReader.StartsArchive(bytes.Span[at..]); at = SkipZeros(bytes, end))
        {
            archives.Add(new CpioArchive(CpioReader.Read(bytes[at..], out var length), isLast));
            lastStart = at;
            end = at + length;
        }

        return archives;
    }

    private static int SkipZeros(ReadOnlyMemory<byte> bytes, int from)
    {
        var offset = bytes.Span[from..].IndexOfAnyExcept((byte)0);
        return offset < 0 ? bytes.Length : from + offset;
    }
}
