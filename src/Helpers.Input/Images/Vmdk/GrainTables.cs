using System.Buffers.Binary;
using Hyper2Kvm.Core.Errors;

namespace Hyper2Kvm.Helpers.Input.Images.Vmdk;

/// <summary>Grain directory and grain tables ("Virtual Disk Format 5.0", "Hosted Sparse Extent Metadata"): 32-bit sector numbers both.</summary>
internal static class GrainTables
{
    /// <summary>Where they are; sizes and places in sectors.</summary>
    /// <param name="Capacity">Size of the extent.</param>
    /// <param name="GrainSize">Size of a grain.</param>
    /// <param name="EntriesPerTable">Entries of a grain table.</param>
    /// <param name="DirectoryOffset">Where the directory is.</param>
    /// <param name="HasZeroGrains">Whether entry 1 means zeros.</param>
    public readonly record struct Layout(long Capacity, long GrainSize, uint EntriesPerTable, long DirectoryOffset, bool HasZeroGrains);

    /// <summary>The grain that stands last in the file.</summary>
    /// <param name="file">The extent.</param>
    /// <param name="layout">Where its tables are.</param>
    /// <returns>Its place in the file, bytes, and its index in the extent; <see langword="null"/> where no grain is allocated.</returns>
    /// <exception cref="StepException">A table lies behind the end of the file.</exception>
    public static (long Offset, long Index)? Last(SourceFile file, Layout layout)
    {
        var perTable = layout.GrainSize * layout.EntriesPerTable;
        var tables = (layout.Capacity + perTable - 1) / perTable;
        var first = layout.HasZeroGrains ? 2u : 1u;
        var last = (Value: -1L, Index: -1L);
        TableWalk.Each(file, checked(layout.DirectoryOffset * DiskImage.Sector), tables, sizeof(uint), "the grain directory", (directory, firstTable) =>
        {
            for (var i = 0; i < directory.Length / sizeof(uint); i++)
            {
                var place = BinaryPrimitives.ReadUInt32LittleEndian(directory[(i * sizeof(uint))..]);
                if (place == 0)
                {
                    continue;
                }

                var found = TableWalk.Highest(file, place * (long)DiskImage.Sector, layout.EntriesPerTable, $"grain table {firstTable + i}", entry => entry >= first ? entry : -1);
                if (found.Value > last.Value)
                {
                    last = (found.Value, ((firstTable + i) * layout.EntriesPerTable) + found.Index);
                }
            }
        });
        if (last.Index * layout.GrainSize >= layout.Capacity)
        {
            throw new StepException(ErrorCodes.InputCorrupt, $"{file.Path}: its grain tables hold a grain behind the end of the disk");
        }

        return last.Value < 0 ? null : (last.Value * DiskImage.Sector, last.Index);
    }
}
