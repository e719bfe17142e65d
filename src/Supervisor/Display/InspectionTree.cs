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
            var volumes = report.Volumes.Where(volume => volume.Device.AsSpan(5).TrimEnd("0123456789").SequenceEqual(letter)).ToList();
            yield return $"├─ disk {disk.Index}: {disk.Format}, {ByteText.Of(disk.VirtualBytes)}, {disk.Path}";
            for (var i = 0; i < volumes.Count; i++)
            {
                var volume = volumes[i];
                var place = volume.MountPoint is { } mounted ? $" on {mounted}" : string.Empty;
                var note = volume.Note is { } said ? $" ({said})" : string.Empty;
                yield return $"│  {(i == volumes.Count - 1 ? "└" : "├")}─ {volume.Device}: {volume.Type ?? "unknown"}{place}{(volume.Uuid is { } uuid ? $" UUID={uuid}" : string.Empty)}{note}";
            }
        }

        yield return report.OperatingSystem is { } system
            ? $"└─ system: {system.ProductName ?? system.Distribution ?? system.Family}, host name {system.HostName ?? "unknown"}, root {system.Root}"
            : "└─ no operating system found";
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
