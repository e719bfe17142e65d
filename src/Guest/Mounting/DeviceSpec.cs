using System.Text.RegularExpressions;

namespace Hyper2Kvm.Guest.Mounting;

/// <summary>Finds the volume of the guest that a specification of fstab, crypttab or a boot loader means.</summary>
/// <remarks>Only among the guest's own volumes: a device name is a place among its disks (<c>/dev/vdb1</c>: the second disk's first partition).</remarks>
public static partial class DeviceSpec
{
    private const string ByDirectory = "/dev/disk/by-";

    /// <summary>The volume, or <see langword="null"/> where none or more than one disk would fit.</summary>
    /// <param name="spec"><c>UUID=…</c>, <c>LABEL=…</c>, <c>PARTUUID=…</c>, <c>PARTLABEL=…</c>, <c>/dev/disk/by-…/…</c>, <c>/dev/GROUP/VOLUME</c>, <c>/dev/mapper/…</c>, <c>/dev/md/…</c> or a device name.</param>
    /// <param name="volumes">The guest's volumes.</param>
    /// <param name="naming">Which disk the guest means by which name; left out: names follow the order of the disks.</param>
    public static GuestVolume? Resolve(string spec, IReadOnlyList<GuestVolume> volumes, DiskNaming? naming = null)
    {
        ArgumentNullException.ThrowIfNull(spec);
        // Arrays, logical and opened volumes. What fits two is none.
        var named = UdevUnescape(spec);
        if (volumes.Where(volume => volume.Names.Contains(named) || volume.Names.Contains(spec)).Take(2).ToList() is [var only])
        {
            return only;
        }

        if (naming is not null && naming.Opened.TryGetValue(named, out var opened))
        {
            return opened;
        }

        if (spec.StartsWith(ByDirectory, StringComparison.Ordinal) && spec[ByDirectory.Length..].Split('/', 2) is [var kind, var value])
        {
            return ByTag(kind, UdevUnescape(value), volumes);
        }

        if (!spec.StartsWith('/') && spec.Split('=', 2) is [var tag, var name])
        {
            return ByTag(tag.ToLowerInvariant(), name, volumes);
        }

        return PlaceOf(spec) is { } place
            ? volumes.FirstOrDefault(volume => volume.Kind == VolumeKind.Plain && volume.Disk == (naming ?? DiskNaming.AsGiven).DiskAt(place.Disk) && volume.Partition == place.Partition)
            : null;
    }

    /// <summary>The place that a device name means, or <see langword="null"/> for a name of another kind.</summary>
    internal static (int Disk, int Partition)? PlaceOf(string spec)
    {
        if (LetterName().Match(spec) is { Success: true } lettered)
        {
            var disk = lettered.Groups["letters"].Value.Aggregate(0, (sum, letter) => (sum * 26) + (letter - 'a' + 1)) - 1;
            return (disk, Number(lettered));
        }

        return new[] { NvmeName().Match(spec), SmartArrayName().Match(spec) }.FirstOrDefault(match => match.Success) is { } named ? (int.Parse(named.Groups["disk"].ValueSpan), Number(named)) : null;

        static int Number(Match match) => match.Groups["number"] is { Success: true } group ? int.Parse(group.ValueSpan) : 0;
    }

    private static GuestVolume? ByTag(string kind, string value, IReadOnlyList<GuestVolume> volumes) => kind switch
    {
        "uuid" => volumes.FirstOrDefault(volume => string.Equals(volume.Uuid, value, StringComparison.OrdinalIgnoreCase)),
        "label" => volumes.FirstOrDefault(volume => volume.Label == value),
        "partuuid" => volumes.FirstOrDefault(volume => string.Equals(volume.PartitionUuid, value, StringComparison.OrdinalIgnoreCase)),
        "partlabel" => volumes.FirstOrDefault(volume => volume.PartitionLabel == value),
        _ => null,
    };

    /// <summary>Undoes udev's <c>\x20</c> in the names below /dev/disk.</summary>
    private static string UdevUnescape(string name)
        => EscapedByte().Replace(name, match => ((char)Convert.ToInt32(match.Groups[1].Value, 16)).ToString());

    [GeneratedRegex(@"^/dev/(?:sd|hd|vd|xvd)(?<letters>[a-z]{1,3})(?<number>[0-9]{1,3})?$", RegexOptions.CultureInvariant)]
    private static partial Regex LetterName();

    [GeneratedRegex(@"^/dev/nvme(?<disk>[0-9]{1,3})n1(?:p(?<number>[0-9]{1,3}))?$", RegexOptions.CultureInvariant)]
    private static partial Regex NvmeName();

    /// <summary>Disks of the first Smart Array controller (Documentation/admin-guide/devices.txt).</summary>
    [GeneratedRegex(@"^/dev/(?:cciss|ida)/c0d(?<disk>[0-9]{1,2})(?:p(?<number>[0-9]{1,3}))?$", RegexOptions.CultureInvariant)]
    private static partial Regex SmartArrayName();

    [GeneratedRegex(@"\\x([0-9a-fA-F]{2})", RegexOptions.CultureInvariant)]
    private static partial Regex EscapedByte();
}
