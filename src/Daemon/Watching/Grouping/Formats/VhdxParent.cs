using System.Buffers.Binary;
using System.Text;

namespace Hyper2Kvm.Daemon.Watching.Grouping.Formats;

/// <summary>The parent of a differencing VHDX.</summary>
/// <remarks>Microsoft, [MS-VHDX], 2.2.3 Region Table, 2.6.1 Metadata Table, 2.6.2.6 Parent Locator.</remarks>
internal static class VhdxParent
{
    private const ulong RegionTableOffset = 192 * 1024;
    private const int TableBytes = 64 * 1024; // both tables
    private const int EntryBytes = 32; // of both tables
    private const int LocatorEntryBytes = 12;

    private static readonly Guid MetadataRegion = new("8B7CA206-4790-4B9A-B8FE-575F050F886E");
    private static readonly Guid ParentLocator = new("A8D35F2D-B30B-454D-ABF7-D3D84834AB0C");

    /// <summary>Reads it.</summary>
    /// <param name="content">The disk.</param>
    /// <exception cref="FormatException">The disk is cut.</exception>
    public static Description Read(BoundedFile content)
    {
        if (!content.Read(0, 8).AsSpan().SequenceEqual("vhdxfile"u8) || Metadata(content) is not { } region)
        {
            return Description.None;
        }

        var table = content.ReadAll(region, TableBytes).AsSpan();
        var item = Find(table, ParentLocator, BinaryPrimitives.ReadUInt16LittleEndian(table[10..]), EntryBytes);
        return item < 0 ? Description.None : ReadLocator(content.ReadAll(
            region + BinaryPrimitives.ReadUInt32LittleEndian(table[(item + 16)..]),
            (int)Math.Min(BinaryPrimitives.ReadUInt32LittleEndian(table[(item + 20)..]), TableBytes)));
    }

    private static ulong? Metadata(BoundedFile content)
    {
        var regions = content.ReadAll(RegionTableOffset, TableBytes).AsSpan();
        var entry = Find(regions, MetadataRegion, BinaryPrimitives.ReadUInt32LittleEndian(regions[8..]), 16);
        return entry < 0 ? null : BinaryPrimitives.ReadUInt64LittleEndian(regions[(entry + 16)..]);
    }

    private static int Find(ReadOnlySpan<byte> table, Guid id, uint count, int first)
    {
        for (var entry = first; count > 0 && entry + EntryBytes <= table.Length; entry += EntryBytes, count--)
        {
            if (new Guid(table.Slice(entry, 16)) == id)
            {
                return entry;
            }
        }

        return -1;
    }

    private static Description ReadLocator(ReadOnlySpan<byte> locator)
    {
        const int HeaderBytes = 20;
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        var count = locator.Length < HeaderBytes ? 0 : BinaryPrimitives.ReadUInt16LittleEndian(locator[18..]);
        for (var entry = HeaderBytes; count > 0 && entry + LocatorEntryBytes <= locator.Length; entry += LocatorEntryBytes, count--)
        {
            var fields = locator.Slice(entry, LocatorEntryBytes);
            var key = Text(locator, BinaryPrimitives.ReadUInt32LittleEndian(fields), BinaryPrimitives.ReadUInt16LittleEndian(fields[8..]));
            values.TryAdd(key, Text(locator, BinaryPrimitives.ReadUInt32LittleEndian(fields[4..]), BinaryPrimitives.ReadUInt16LittleEndian(fields[10..])));
        }

        return (values.GetValueOrDefault("relative_path") ?? values.GetValueOrDefault("absolute_win32_path")) is { } parent
            ? new Description { References = [new Reference(parent, ReferenceRole.Part, ByFileName: true)] }
            : Description.None;
    }

    private static string Text(ReadOnlySpan<byte> locator, uint offset, ushort length)
        => (ulong)offset + length <= (ulong)locator.Length ? Encoding.Unicode.GetString(locator.Slice((int)offset, length)) : throw new FormatException("its parent locator is damaged");
}
