using Hyper2Kvm.Core.Documents;

namespace Hyper2Kvm.Supervisor.Display;

/// <summary>Disks, volumes and system of a guest as a tree, for people.</summary>
internal static class InspectionTree
{
    /// <summary>Its lines.</summary>
    /// <param name="source">The machine.</param>
    /// <param name="report">What was found on its disks.</param>
    public static IEnumerable<string> Lines(SourceMetadata source, ConversionReport report)
    {
        yield return source.Name;
        foreach (var disk in source.Disks)
        {
            var letter = DiskLetters(disk.Index);
            var volumes = report.Volumes.Where(volume => IsOn(volume, letter)).ToList();
            yield return $"├─ disk {disk.Index}: {disk.Format}, {ByteText.Of(disk.VirtualBytes)}, {disk.Path}";
            for (var i = 0; i < volumes.Count; i++)
            {
                yield return $"│  {(i == volumes.Count - 1 ? "└" : "├")}─ {Line(volumes[i])}";
            }
        }

        // Arrays and logical volumes: on one disk or several.
        foreach (var volume in report.Volumes.Where(volume => !source.Disks.Any(disk => IsOn(volume, DiskLetters(disk.Index)))))
        {
            yield return $"├─ {Line(volume)}{(volume.Disks.Count > 0 ? $", on disk {string.Join(", ", volume.Disks)}" : string.Empty)}";
        }

        yield return report.OperatingSystem is { } system
            ? $"└─ system: {system.ProductName ?? system.Distribution ?? system.Family}, host name {system.HostName ?? "unknown"}, root {system.Root}"
            : "└─ no operating system found";
    }

    private static bool IsOn(ReportVolume volume, string letters) => volume.Device.AsSpan(5).TrimEnd("0123456789").SequenceEqual(letters);

    private static string Line(ReportVolume volume)
    {
        var place = volume.MountPoint is { } mounted ? $" on {mounted}" : string.Empty;
        var note = volume.Note is { } said ? $" ({said})" : string.Empty;
        return $"{volume.Device}: {volume.Type ?? "unknown"}{place}{(volume.Uuid is { } uuid ? $" UUID={uuid}" : string.Empty)}{note}";
    }

    private static string DiskLetters(int index)
    {
        var letters = string.Empty;
        for (var rest = index; rest >= 0; rest = (rest / 26) - 1)
        {
            letters = (char)('a' + (rest % 26)) + letters;
        }

        return "sd" + letters;
    }
}
