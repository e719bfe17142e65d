using System.Buffers.Binary;
using System.Numerics;
using Hyper2Kvm.Core.Errors;

namespace Hyper2Kvm.Helpers.Input.Images.Vmdk;

/// <summary>Sparse extents of ESX: those of its snapshots.</summary>
internal static class EsxSparseExtent
{
    /// <summary>"COWD" as it stands in the file ("Virtual Disk Format 5.0", "ESX Server Sparse Extent").</summary>
    public const uint CowdMagic = 0x44574f43;

    /// <summary>First word of a space-efficient sparse extent (QEMU block/vmdk.c, SESPARSE_CONST_HEADER_MAGIC; VMware does not publish it).</summary>
    public const ulong SeSparseMagic = 0xcafebabe;

    private const int CowdHeaderBytes = 2048;
    private const uint CowdEntriesPerTable = 4096;
    private const int SeSparseHeaderBytes = 512;

    /// <summary>Checks a VMFSSPARSE extent.</summary>
    /// <param name="file">The extent.</param>
    /// <returns>Its size, sectors.</returns>
    /// <exception cref="StepException">It is damaged or truncated.</exception>
    public static long CheckCowd(SourceFile file)
    {
        var header = file.Read(0, CowdHeaderBytes, "the COWD header").AsSpan();
        var sectors = BinaryPrimitives.ReadUInt32LittleEndian(header[12..]);
        var grainSize = BinaryPrimitives.ReadUInt32LittleEndian(header[16..]);
        var directory = BinaryPrimitives.ReadUInt32LittleEndian(header[20..]);
        if (BinaryPrimitives.ReadUInt32LittleEndian(header) != CowdMagic || sectors == 0 || grainSize is 0 or > 1 << 18 || !BitOperations.IsPow2(grainSize))
        {
            throw new StepException(ErrorCodes.InputCorrupt, $"{file.Path} is named as a VMFSSPARSE extent, and has no such header");
        }

        if (GrainTables.Last(file, new GrainTables.Layout(sectors, grainSize, CowdEntriesPerTable, directory, HasZeroGrains: false)) is { } grain)
        {
            file.RequireLength(grain.Offset, Math.Min(grainSize, sectors - (grain.Index * grainSize)) * DiskImage.Sector, $"grain {grain.Index} of the disk");
        }

        return sectors;
    }

    /// <summary>Checks the header of a SESPARSE extent; its tables are left to QEMU.</summary>
    /// <param name="file">The extent.</param>
    /// <returns>Its size, sectors.</returns>
    /// <exception cref="StepException">It is damaged.</exception>
    public static long CheckSeSparse(SourceFile file)
    {
        var header = file.Read(0, SeSparseHeaderBytes, "the seSparse header").AsSpan();
        var sectors = BinaryPrimitives.ReadUInt64LittleEndian(header[16..]);
        return BinaryPrimitives.ReadUInt64LittleEndian(header) == SeSparseMagic && sectors is > 0 and <= DiskImage.LargestBytes / DiskImage.Sector
            ? (long)sectors
            : throw new StepException(ErrorCodes.InputCorrupt, $"{file.Path} is named as a SESPARSE extent, and has no such header");
    }
}
