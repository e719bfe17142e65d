namespace Hyper2Kvm.Guest.Volumes.Lvm;

/// <summary>A volume group as one text describes it.</summary>
internal sealed record LvmGroup
{
    /// <summary>Most logical volumes of one group that are looked at, hidden ones too.</summary>
    private const int MostVolumes = 8192;

    /// <summary>Largest extent, sectors: 16 GiB (vgcreate(8), --physicalextentsize; the format's own bound is its 32 bits).</summary>
    private const long LargestExtent = uint.MaxValue;

    /// <summary>Name.</summary>
    public required string Name { get; init; }

    /// <summary>Identifier, 32 characters.</summary>
    public required string Id { get; init; }

    /// <summary>Counts the changes: the text with the highest is in force.</summary>
    public required long SequenceNumber { get; init; }

    /// <summary>Bytes of an extent.</summary>
    public required long ExtentBytes { get; init; }

    /// <summary>Whether it was exported (vgexport(8)): no system may use it before it was imported again.</summary>
    public required bool IsExported { get; init; }

    /// <summary>Its physical volumes by the names that the text gives them, <c>pv0</c>.</summary>
    public required IReadOnlyDictionary<string, LvmPhysicalVolume> PhysicalVolumes { get; init; }

    /// <summary>Its logical volumes by name, in the order of the text; hidden ones too.</summary>
    public required IReadOnlyDictionary<string, LvmLogicalVolume> LogicalVolumes { get; init; }

    /// <summary>Reads a group's text.</summary>
    /// <param name="text">The text, UTF-8.</param>
    /// <exception cref="FormatException">It describes no group.</exception>
    public static LvmGroup Parse(ReadOnlySpan<byte> text)
    {
        // At the top: the group, named by its key, beside what tells who wrote the text.
        foreach (var (name, section) in LvmText.Parse(text).Sections)
        {
            if (section.Section("physical_volumes") is not null)
            {
                return FromSection(name, section);
            }
        }

        throw new FormatException("LVM2 metadata: it describes no volume group");
    }

    private static LvmGroup FromSection(string name, LvmSection section)
    {
        if (!LvmNames.IsName(name) || LvmNames.BareId(section.Text("id")) is not { } id
            || section.Number("seqno") is not { } sequence || section.Number("extent_size") is not (> 0 and <= LargestExtent and var extentSectors))
        {
            throw new FormatException($"LVM2 metadata: the group {name} lacks a sound name, id, seqno or extent_size");
        }

        var physical = new Dictionary<string, LvmPhysicalVolume>(StringComparer.Ordinal);
        foreach (var (key, volume) in section.Section("physical_volumes")!.Sections)
        {
            if (LvmNames.BareId(volume.Text("id")) is { } pvId && volume.Number("pe_start") is { } start && volume.Number("pe_count") is { } count)
            {
                physical[key] = new LvmPhysicalVolume(pvId, start, count, volume.Has("flags", "MISSING"));
            }
        }

        var logical = new Dictionary<string, LvmLogicalVolume>(StringComparer.Ordinal);
        foreach (var (key, volume) in (section.Section("logical_volumes")?.Sections ?? []).Take(MostVolumes))
        {
            if (LvmNames.IsName(key) && LvmLogicalVolume.FromSection(key, volume) is { } read)
            {
                logical[key] = read;
            }
        }

        return new LvmGroup
        {
            Name = name,
            Id = id,
            SequenceNumber = sequence,
            ExtentBytes = extentSectors * LvmPhysicalVolume.SectorBytes,
            IsExported = section.Has("status", "EXPORTED"),
            PhysicalVolumes = physical,
            LogicalVolumes = logical,
        };
    }
}
