using System.Buffers.Binary;
using Hyper2Kvm.Core.Errors;

namespace Hyper2Kvm.Helpers.Input.Images.Vmdk;

/// <summary>A hosted sparse extent, alone or with an embedded descriptor, streams included.</summary>
internal static class HostedSparseExtent
{
    private const uint FooterMarker = 3;
    private const int GrainMarkerBytes = 12; // lba (8), size of the compressed data (4)

    /// <summary>Reads the header; that of the footer where the stream has one, because only that tells the grain directory.</summary>
    /// <param name="file">The extent.</param>
    /// <exception cref="StepException">It is damaged or truncated.</exception>
    public static SparseExtentHeader ReadHeader(SourceFile file)
    {
        var header = SparseExtentHeader.Parse(file.Read(0, SparseExtentHeader.Bytes, "the VMDK header"), file.Path);
        return header.DirectoryOffset == SparseExtentHeader.DirectoryAtEnd ? ReadFooter(file) : header;
    }

    /// <summary>Fails where the file ends before its last grain does.</summary>
    /// <param name="file">The extent.</param>
    /// <param name="header">Its header.</param>
    /// <exception cref="StepException">It does, with both sizes.</exception>
    public static void CheckGrains(SourceFile file, SparseExtentHeader header)
    {
        if (!header.IsCompressed)
        {
            // A stream writes its tables behind its grains: there overHead says nothing.
            file.RequireLength(0, header.Overhead * DiskImage.Sector, "the overhead of the VMDK");
        }

        var last = GrainTables.Last(
            file,
            new GrainTables.Layout(header.Capacity, header.GrainSize, header.EntriesPerTable, checked((long)Math.Min(header.DirectoryOffset, long.MaxValue / DiskImage.Sector)), header.HasZeroGrains));
        if (last is not { } grain)
        {
            return;
        }

        var what = $"grain {grain.Index} of the disk";
        if (header.IsCompressed)
        {
            var marker = file.Read(grain.Offset, GrainMarkerBytes, what);
            file.RequireLength(grain.Offset, GrainMarkerBytes + (long)BinaryPrimitives.ReadUInt32LittleEndian(marker.AsSpan(8)), what);
        }
        else
        {
            // The last grain of an extent may be cut to the extent's size.
            file.RequireLength(grain.Offset, Math.Min(header.GrainSize, header.Capacity - (grain.Index * header.GrainSize)) * DiskImage.Sector, what);
        }
    }

    /// <summary>"Stream-Optimized Compressed Sparse Extents": the file ends with a footer marker, the footer, and the end-of-stream marker, a sector each.</summary>
    private static SparseExtentHeader ReadFooter(SourceFile file)
    {
        const int Sectors = 3;
        if (file.Length >= (Sectors + 1) * DiskImage.Sector)
        {
            var end = file.Read(file.Length - (Sectors * DiskImage.Sector), Sectors * DiskImage.Sector, "the footer").AsSpan();
            var footer = end[DiskImage.Sector..];
            if (BinaryPrimitives.ReadUInt32LittleEndian(end[8..]) == 0
                && BinaryPrimitives.ReadUInt32LittleEndian(end[12..]) == FooterMarker
                && BinaryPrimitives.ReadUInt32LittleEndian(footer) == SparseExtentHeader.Magic
                && !footer[DiskImage.Sector..][..16].ContainsAnyExcept((byte)0)
                && SparseExtentHeader.Parse(footer, file.Path) is { DirectoryOffset: not SparseExtentHeader.DirectoryAtEnd } header)
            {
                return header;
            }
        }

        throw new StepException(
            ErrorCodes.InputTruncated,
            $"{file.Path} is truncated: it has {file.Length} bytes, and the footer and the end-of-stream marker that a stream-optimised VMDK has in its last {Sectors * DiskImage.Sector} bytes are not there");
    }
}
