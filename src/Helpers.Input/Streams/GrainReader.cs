using System.Buffers.Binary;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Helpers.Input.Images;
using Hyper2Kvm.Nbd;
using Hyper2Kvm.Nbd.Server;

namespace Hyper2Kvm.Helpers.Input.Streams;

/// <summary>Reads and inflates single grains. For one thread at a time; what it needs is made once.</summary>
/// <remarks>"Virtual Disk Format 5.0", "Stream-Optimized Compressed Sparse Extents", grain marker: lba (8 bytes, sector of the disk), size (4), the deflated data.</remarks>
internal sealed class GrainReader(SourceFile file, long grainBytes, long diskBytes) : IDisposable
{
    private const int MarkerBytes = 12;

    /// <summary>Deflate lets incompressible data grow by a few bytes in a thousand; twice the size is what QEMU takes (block/vmdk.c, vmdk_read_extent).</summary>
    private const int MostGrowth = 2;

    private readonly byte[] _data = new byte[MarkerBytes + (MostGrowth * grainBytes)];
    private readonly byte[] _whole = new byte[grainBytes];
    private readonly IInflater _inflater = (IInflater?)LibdeflateInflater.TryCreate() ?? new ZlibInflater();

    /// <summary>Inflates a grain.</summary>
    /// <param name="grain">Index of the grain.</param>
    /// <param name="sector">Where its marker is.</param>
    /// <param name="into">As long as a grain, also for the last one of a disk that ends within it: it may have been written whole.</param>
    /// <exception cref="ServedDiskException">It cannot be read, or is damaged; EIO, with file and place.</exception>
    public void Read(long grain, uint sector, Span<byte> into)
    {
        var length = ReadData(grain, sector);
        var inflated = _inflater.Inflate(_data, MarkerBytes, length, into);
        var needed = Math.Min(grainBytes, diskBytes - (grain * grainBytes));
        if (inflated < needed)
        {
            throw Damaged(grain, sector, inflated < 0 ? $"its {length} bytes do not inflate to {grainBytes} or less" : $"it inflates to {inflated} bytes, and {needed} are needed");
        }
    }

    /// <summary>Inflates a grain of which a part is wanted.</summary>
    /// <param name="grain">Index of the grain.</param>
    /// <param name="sector">Where its marker is.</param>
    /// <returns>The grain, as far as it is within the disk; until the next call.</returns>
    /// <exception cref="ServedDiskException">As for the other.</exception>
    public ReadOnlySpan<byte> Read(long grain, uint sector)
    {
        Read(grain, sector, _whole);
        return _whole.AsSpan(0, (int)Math.Min(grainBytes, diskBytes - (grain * grainBytes)));
    }

    /// <inheritdoc/>
    public void Dispose() => _inflater.Dispose();

    /// <summary>Leaves the deflated data in the buffer, behind the marker.</summary>
    /// <returns>Its length.</returns>
    private int ReadData(long grain, uint sector)
    {
        try
        {
            // Half a grain is enough for most, and a second read costs a microsecond.
            var offset = sector * (long)DiskImage.Sector;
            var first = file.ReadSome(offset, _data.AsSpan(0, (int)(grainBytes / 2)));
            if (first < MarkerBytes)
            {
                throw Damaged(grain, sector, $"the file ends before its marker does ({file.Length} bytes)");
            }

            var lba = BinaryPrimitives.ReadUInt64LittleEndian(_data);
            var size = BinaryPrimitives.ReadUInt32LittleEndian(_data.AsSpan(8));
            if (lba != (ulong)(grain * grainBytes / DiskImage.Sector))
            {
                throw Damaged(grain, sector, $"its marker says that it belongs to sector {lba} of the disk");
            }

            if (size == 0 || size > MostGrowth * grainBytes)
            {
                throw Damaged(grain, sector, $"its marker says that it has {size} bytes; 1 to {MostGrowth * grainBytes} make sense");
            }

            var end = MarkerBytes + (int)size;
            if (first < end && file.ReadSome(offset + first, _data.AsSpan(first, end - first)) < end - first)
            {
                throw Damaged(grain, sector, $"its {size} bytes reach behind the end of the file ({file.Length} bytes)");
            }

            return (int)size;
        }
        catch (StepException broken)
        {
            throw new ServedDiskException(NbdErrno.InputOutput, broken.Message, broken);
        }
    }

    private ServedDiskException Damaged(long grain, uint sector, string why)
        => new(
            NbdErrno.InputOutput,
            $"{file.Path} is damaged: grain {grain} (bytes {grain * grainBytes} to {Math.Min((grain + 1) * grainBytes, diskBytes) - 1} of the disk), at byte {sector * (long)DiskImage.Sector} of the file: {why}");
}
