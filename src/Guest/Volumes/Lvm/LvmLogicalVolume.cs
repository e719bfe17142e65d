namespace Hyper2Kvm.Guest.Volumes.Lvm;

/// <summary>A logical volume as the group's text describes it.</summary>
/// <param name="Name">Name.</param>
/// <param name="Id">Identifier, 32 characters; <see langword="null"/> where it has none.</param>
/// <param name="IsVisible">Whether it is one for users; the parts of others are hidden.</param>
/// <param name="Segments">Its segments, in the order of their extents.</param>
internal sealed record LvmLogicalVolume(string Name, string? Id, bool IsVisible, IReadOnlyList<LvmSegment> Segments)
{
    /// <summary>Reads one; <see langword="null"/> where its segments are not one after another from extent 0 on.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="section">Its section.</param>
    public static LvmLogicalVolume? FromSection(string name, LvmSection section)
    {
        var segments = section.Sections.Where(child => child.Name.StartsWith("segment", StringComparison.Ordinal))
            .Select(child => LvmSegment.FromSection(child.Section))
            .OrderBy(segment => segment?.Start ?? -1)
            .ToList();
        long next = 0;
        foreach (var segment in segments)
        {
            if (segment is null || segment.Start != next)
            {
                return null;
            }

            next = segment.Start + segment.Extents;
        }

        return segments.Count == 0 ? null : new LvmLogicalVolume(name, LvmNames.BareId(section.Text("id")), section.Has("status", "VISIBLE"), segments!);
    }
}
