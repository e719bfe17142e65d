using System.IO.Compression;
using Hyper2Kvm.Core.Processes;

namespace Hyper2Kvm.Helpers.Convert.Linux.Initramfs;

/// <summary>Unpacks and packs the compressions that Linux knows for an initramfs (lib/decompress.c): gzip by the runtime, the others by the host's tools.</summary>
internal static class Codec
{
    /// <summary>No initramfs unpacks to more; a decompression bomb does.</summary>
    public const long LargestUnpacked = 1L << 30;

    private static readonly (ArchiveCompression Compression, byte[] Magic)[] Magics =
    [
        (ArchiveCompression.Gzip, [0x1F, 0x8B]),
        (ArchiveCompression.Zstd, [0x28, 0xB5, 0x2F, 0xFD]),
        (ArchiveCompression.Xz, [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]),
        (ArchiveCompression.Lz4, [0x02, 0x21, 0x4C, 0x18]),
        (ArchiveCompression.Bzip2, [0x42, 0x5A, 0x68]),
        (ArchiveCompression.Lzma, [0x5D, 0x00, 0x00]),
        (ArchiveCompression.Lzo, [0x89, 0x4C, 0x5A, 0x4F]),
    ];

    /// <summary>lz4's own frame, which no kernel reads (lib/decompress_unlz4.c).</summary>
    private static readonly byte[] ModernLz4 = [0x04, 0x22, 0x4D, 0x18];

    /// <summary>Tells the compression by its magic number.</summary>
    /// <param name="bytes">First bytes.</param>
    /// <exception cref="InitramfsFormatException">It is none that we know; the message names it where it can.</exception>
    public static ArchiveCompression Detect(ReadOnlySpan<byte> bytes)
    {
        if (CpioReader.StartsArchive(bytes))
            return ArchiveCompression.None;
        foreach (var (compression, magic) in Magics)
        {
            if (bytes.StartsWith(magic))
                return compression;
        }

        throw new InitramfsFormatException(bytes.StartsWith(ModernLz4)
            ? "its compression, lz4 in its modern frame, is read by no kernel"
            : $"its compression is not known (it starts with {System.Convert.ToHexString(bytes[..Math.Min(bytes.Length, 8)])})");
    }

    /// <summary>Unpacks; several frames one after another give what they hold one after another.</summary>
    /// <param name="compression">The compression.</param>
    /// <param name="packed">All of the frames.</param>
    /// <param name="cancel">Stops the tool.</param>
    /// <param name="limit">Most bytes of the result.</param>
    /// <exception cref="InitramfsFormatException">It is damaged, or larger than the limit.</exception>
    public static ReadOnlyMemory<byte> Unpack(ArchiveCompression compression, ReadOnlyMemory<byte> packed, CancellationToken cancel, long limit = LargestUnpacked)
        => compression switch
        {
            ArchiveCompression.None => packed,
            ArchiveCompression.Gzip => Gunzip(packed, limit),
            _ => RunTool(UnpackCommand(compression), packed, limit, cancel),
        };

    /// <summary>Packs into one frame that the guest's kernel reads.</summary>
    /// <param name="compression">The compression.</param>
    /// <param name="plain">What to pack.</param>
    /// <param name="cancel">Stops the tool.</param>
    public static byte[] Pack(ArchiveCompression compression, byte[] plain, CancellationToken cancel) => compression switch
    {
        ArchiveCompression.None => plain,
        ArchiveCompression.Gzip => GzipPacked(plain),
        _ => RunTool(PackCommand(compression), plain, LargestUnpacked, cancel).ToArray(),
    };

    private static Command UnpackCommand(ArchiveCompression compression) => compression switch
    {
        ArchiveCompression.Zstd => new Command("zstd", "-d", "-q", "-c"),
        ArchiveCompression.Xz => new Command("xz", "-d", "-q", "-c", "--memlimit=1GiB"),
        ArchiveCompression.Lz4 => new Command("lz4", "-d", "-q", "-c"),
        ArchiveCompression.Bzip2 => new Command("bzip2", "-d", "-q", "-c"),
        ArchiveCompression.Lzma => new Command("xz", "--format=lzma", "-d", "-q", "-c", "--memlimit=1GiB"),
        ArchiveCompression.Lzo => new Command("lzop", "-d", "-q", "-c"),
        _ => throw new NotSupportedException(compression.ToString()),
    };

    /// <summary>
    /// Levels: what distributions use (zstd 19, xz 6, lz4 9) takes seconds; these give files a few percent larger.
    /// The kernel has no CRC64, so xz must not use it (Documentation/staging/xz.rst), and lz4 must use its legacy frame.
    /// </summary>
    private static Command PackCommand(ArchiveCompression compression) => compression switch
    {
        ArchiveCompression.Zstd => new Command("zstd", "-q", "-c", "-6", "-T0"),
        ArchiveCompression.Xz => new Command("xz", "-z", "-q", "-c", "-1", "-T0", "--check=crc32"),
        ArchiveCompression.Lz4 => new Command("lz4", "-z", "-q", "-c", "-l", "-4"),
        ArchiveCompression.Bzip2 => new Command("bzip2", "-z", "-q", "-c", "-1"),
        ArchiveCompression.Lzma => new Command("xz", "--format=lzma", "-z", "-q", "-c", "-1"),
        ArchiveCompression.Lzo => new Command("lzop", "-q", "-c", "-1"),
        _ => throw new NotSupportedException(compression.ToString()),
    };

    private static ReadOnlyMemory<byte> RunTool(Command command, ReadOnlyMemory<byte> input, long limit, CancellationToken cancel)
    {
        ReadOnlyMemory<byte>? output = null;
        using var child = ChildProcess.Start(command with { Input = input }, stream => output = BoundedReader.ReadAll(stream, limit, input.Length * 4L));
        var exitCode = child.Wait(cancel);
        if (output is null)
            throw new InitramfsFormatException($"it unpacks to more than {limit >> 20} MiB");
        return exitCode == 0
            ? output.Value
            : throw new InitramfsFormatException($"{command.Program} refuses it: {child.ErrorTail.Trim()}");
    }

    private static ReadOnlyMemory<byte> Gunzip(ReadOnlyMemory<byte> packed, long limit)
    {
        try
        {
            using var source = new MemoryStream(packed.ToArray(), writable: false);
            using var unpacked = new GZipStream(source, CompressionMode.Decompress);
            return BoundedReader.ReadAll(unpacked, limit, packed.Length * 4L)
                ?? throw new InitramfsFormatException($"it unpacks to more than {limit >> 20} MiB");
        }
        catch (InvalidDataException damaged)
        {
            throw new InitramfsFormatException($"its gzip data is damaged: {damaged.Message}");
        }
    }

    private static byte[] GzipPacked(byte[] plain)
    {
        using var packed = new MemoryStream(plain.Length / 2);
        using (var stream = new GZipStream(packed, CompressionLevel.Optimal, leaveOpen: true))
            stream.Write(plain);
        return packed.ToArray();
    }
}
