namespace Hyper2Kvm.Guest.Volumes.Lvm;

/// <summary>A segment of a logical volume: extents that are mapped in one way (LVM2, lib/format_text/import_vsn1.c; lib/*/: text_import of each type).</summary>
internal sealed record LvmSegment
{
    /// <summary>More extents than this has no volume: the format counts them in 32 bits.</summary>
    private const long MostExtents = uint.MaxValue;

    /// <summary>Most areas of a segment: more stripes LVM does not make (128), nor devices of a RAID (253).</summary>
    private const int MostAreas = 256;

    /// <summary>First extent in the logical volume.</summary>
    public required long Start { get; init; }

    /// <summary>Number of extents.</summary>
    public required long Extents { get; init; }

    /// <summary>Type, <c>striped</c>, without its flags (<c>thin-pool+ERROR_IF_NO_SPACE</c>).</summary>
    public required string Type { get; init; }

    /// <summary>Sectors of 512 bytes in a stripe; 0 where there is one area only.</summary>
    public required long StripeSectors { get; init; }

    /// <summary>Where the data is: volumes by name with an extent each.</summary>
    public required IReadOnlyList<LvmArea> Areas { get; init; }

    /// <summary>The volumes with the state of each area of a RAID; empty where it has none.</summary>
    public required IReadOnlyList<string> MetadataVolumes { get; init; }

    /// <summary>Of a snapshot: what it was taken of.</summary>
    public string? Origin { get; init; }

    /// <summary>Of a snapshot: the volume with its changes.</summary>
    public string? ChangesVolume { get; init; }

    /// <summary>Of a snapshot: whether it is being merged back into its origin.</summary>
    public bool IsMerging { get; init; }

    /// <summary>Reads one; <see langword="null"/> where it lacks what every segment has.</summary>
    /// <param name="section">Its section.</param>
    public static LvmSegment? FromSection(LvmSection section)
    {
        if (section.Number("start_extent") is not (<= MostExtents and var start) || section.Number("extent_count") is not (> 0 and <= MostExtents and var count)
            || section.Text("type") is not { } type)
        {
            return null;
        }

        type = type.Split('+')[0];
        var raids = type.StartsWith("raid", StringComparison.Ordinal) ? section.List("raids") : [];
        var merging = section.Text("merging_store");
        return new LvmSegment
        {
            Start = start,
            Extents = count,
            Type = type,
            StripeSectors = section.Number("stripe_size") ?? 0,
            Areas = raids.Count > 0 ? DataOfRaid(raids)
                : type == "raid0" || type == "raid0_meta" ? [.. section.List("raid0_lvs").OfType<string>().Take(MostAreas).Select(name => new LvmArea(name, 0))]
                : Pairs(section.List(type is "mirror" ? "mirrors" : "stripes")),
            MetadataVolumes = [.. raids.Where((_, index) => index % 2 == 0).OfType<string>().Take(MostAreas)],
            Origin = section.Text("origin"),
            ChangesVolume = section.Text("cow_store") ?? merging,
            IsMerging = merging is not null,
        };
    }

    /// <summary>A volume and its extent by turns; a RAID gives a volume of metadata and one of data by turns.</summary>
    private static List<LvmArea> Pairs(IReadOnlyList<object> list)
    {
        var areas = new List<LvmArea>();
        for (var index = 0; index + 1 < list.Count && areas.Count < MostAreas; index += 2)
        {
            if (list[index] is string name && list[index + 1] is long and >= 0 and <= MostExtents and var extent)
            {
                areas.Add(new LvmArea(name, extent));
            }
        }

        return areas;
    }

    private static List<LvmArea> DataOfRaid(IReadOnlyList<object> raids)
        => [.. raids.Where((_, index) => index % 2 == 1).OfType<string>().Take(MostAreas).Select(name => new LvmArea(name, 0))];
}
