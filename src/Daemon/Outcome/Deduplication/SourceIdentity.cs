using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Hyper2Kvm.Daemon.Outcome.Deduplication;

/// <summary>
/// Tells guests apart whose files have one name and one size, without reading them whole: SHA-256 over the names from the watch folder on, the lengths, and samples of the content.
/// </summary>
/// <remarks>
/// The samples hold what every format tells itself apart by: a VMDK's descriptor with its content id (CID), the unique id in a VHD's footer, a VHDX's write ids in its header, a VDI's in its own,
/// the tables of a qcow2; and of a plain disk the partition table, the start of each partition (serial number, mount and write times), both ends and blocks all over it. At most 6 MiB of a file are read, and less of each where a guest has many.
/// </remarks>
internal static class SourceIdentity
{
    private const int HeadBytes = 2 << 20;
    private const int LeastHeadBytes = 64 << 10;
    private const int HeadBytesOfAll = 8 << 20;
    private const int PartitionBytes = 128 << 10;
    private const int BlockBytes = 4096;
    private const int Blocks = 32;
    private const int LeastBlocks = 4;
    private const int BlocksOfAll = 128;

    /// <summary>64 hexadecimal digits.</summary>
    /// <param name="files">The files of a guest.</param>
    /// <exception cref="IOException">One cannot be read.</exception>
    public static string Of(IReadOnlyList<SourceFile> files)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var head = Math.Clamp(HeadBytesOfAll / Math.Max(files.Count, 1), LeastHeadBytes, HeadBytes);
        var blocks = Math.Clamp(BlocksOfAll / Math.Max(files.Count, 1), LeastBlocks, Blocks);
        foreach (var file in files)
        {
            Add(digest, file, head, blocks);
        }

        return Convert.ToHexStringLower(digest.GetHashAndReset());
    }

    private static void Add(IncrementalHash digest, SourceFile file, int headBytes, int blocks)
    {
        using var handle = File.OpenHandle(file.Path, options: FileOptions.RandomAccess);
        var length = RandomAccess.GetLength(handle);
        Span<byte> number = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(number, length);
        digest.AppendData(Encoding.UTF8.GetBytes(file.Name));
        digest.AppendData(number);

        var head = Read(handle, 0, headBytes);
        digest.AppendData(head);
        foreach (var partition in PartitionStarts.Find(head).Where(offset => offset < length))
        {
            digest.AppendData(Read(handle, partition, PartitionBytes));
        }

        for (var i = 1; i < blocks; i++)
        {
            digest.AppendData(Read(handle, length / blocks * i / BlockBytes * BlockBytes, BlockBytes));
        }

        digest.AppendData(Read(handle, Math.Max(0, length - (headBytes / 2)), headBytes / 2));
    }

    private static ReadOnlySpan<byte> Read(SafeFileHandle handle, long offset, int count)
    {
        var buffer = new byte[count];
        var read = 0;
        int more;
        while (read < count && (more = RandomAccess.Read(handle, buffer.AsSpan(read), offset + read)) > 0)
        {
            read += more;
        }

        return buffer.AsSpan(0, read);
    }
}
