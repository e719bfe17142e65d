using System.Globalization;
using Hyper2Kvm.Core.Documents;

namespace Hyper2Kvm.Supervisor.Display;

/// <summary>Disks, volumes and systems of a guest as a tree, for people.</summary>
internal static class InspectionTree
{
    /// <summary>Letters of a line that are shown; <c>--json</c> has all.</summary>
    private const int LongestLine = 400;

    /// <summary>Its lines.</summary>
    /// <param name="found">What was found.</param>
    /// <param name="timings">Whether to show what it took.</param>
    public static IEnumerable<string> Lines(GuestInspection found, bool timings = false)
    {
        var branches = found.Disks.Select(disk => Disk(disk, found)).Concat(found.Volumes.Where(volume => !IsPlain(volume)).Select(volume => Leaf($"{Describe(volume)} on disk {string.Join(", ", volume.Disks)}"))).Concat(found.Systems.Select(System)).ToList();
        if (found.Systems.Count == 0)
        {
            branches.Add(new Branch("no operating system found", []));
        }

        if (timings)
        {
            branches.Add(new Branch("timings", [
                .. found.Backend is { } backend ? [Leaf($"backend: {backend.Name} ({backend.Reason})")] : Array.Empty<Branch>(),
                .. found.Timings.Select(part => Leaf($"{part.Name}: {part.Seconds:0.000} s")),
                .. found.Caches.Select(cache => Leaf($"cache of {cache.Name}: {cache.Hits} hits, {cache.Misses} misses"))]));
        }

        return Draw(new Branch($"{found.Name} ({found.Firmware.ToString().ToUpperInvariant()}, boots from disk {found.BootDisk})", branches)).Select(Printable);
    }

    private static Branch Disk(InspectedDisk disk, GuestInspection found)
        => new(
            $"disk {disk.Index}: {disk.Device}, {disk.Format}, {ByteSize.Format(disk.Bytes)}, {(disk.Table == "none" ? "no partition table" : disk.Table)}, {disk.Path}",
            [
                .. disk.Problems.Select(problem => Leaf($"damaged: {problem}")),
                .. found.Volumes.Where(volume => IsPlain(volume) && volume.Disk == disk.Index).Select(volume => Leaf(Describe(volume))),
            ]);

    /// <summary>A partition or a whole disk: shown below its disk. Arrays and logical volumes lie on one disk or several.</summary>
    private static bool IsPlain(InspectedVolume volume) => volume.Kind == "plain";

    private static string Describe(InspectedVolume volume) => string.Join(' ', new[]
    {
        $"{volume.Device}: {volume.Type ?? "unknown"}, {ByteSize.Format(volume.Bytes)}",
        Tag("LABEL", volume.Label), Tag("UUID", volume.Uuid), Tag("PARTLABEL", volume.PartitionLabel),
        volume.Note is { } note ? $"({note})" : null,
    }.OfType<string>());

    private static Branch System(InspectedSystem system)
    {
        var os = system.OperatingSystem;
        return new Branch(
            $"system on {os.Root}{(system.Subvolume is { } subvolume ? $" ({subvolume})" : string.Empty)}: {os.ProductName ?? os.Distribution ?? os.Family}",
            [
                .. Text("version", string.Join(' ', new[] { os.Distribution, os.Version }.OfType<string>())),
                .. Text("architecture", system.Architecture),
                .. system.Windows is { } windows ? Windows(windows) : [],
                .. Text("host name", os.HostName),
                .. Text("packages", system.PackageFormat is null ? null : $"{system.PackageCount?.ToString() ?? "not counted"} ({string.Join(", ", new[] { system.PackageManager, system.PackageFormat }.OfType<string>())})"),
                .. Text("bootloader", system.Bootloader),
                .. system.Kernels.Select(kernel => Leaf($"kernel {kernel.Version}: {kernel.Image}, {kernel.Initramfs ?? "no initramfs"}; drivers {string.Join(' ', kernel.Drivers)}")),
                .. system.Fstab.Select(line => Leaf($"mount {line.MountPoint}: {line.Spec}{(line.Device is { } device && device != line.Spec ? $" = {device}" : string.Empty)}, {line.Type}{(line.State is { } state and not "normal" ? $" ({state})" : string.Empty)}")),
                .. system.Network.Select(card => Leaf($"network {card.Name ?? "any"}{(card.Mac is { } mac ? $" {mac}" : string.Empty)}: {(card.Addresses.Count > 0 ? string.Join(' ', card.Addresses) : "no address")} ({card.File})")),
                .. Text("hypervisor tools", string.Join(", ", system.HypervisorTools)),
                .. system.Warnings.Select(warning => Leaf($"warning: {warning}")),
            ]);
    }

    private static IEnumerable<Branch> Windows(WindowsMetadata windows) =>
    [
        .. Text("build", windows.Build is null ? null : $"{windows.Version}.{windows.Build}{(windows.Revision is { } revision ? $".{revision}" : string.Empty)}{(windows.DisplayVersion is { } display ? $" ({display})" : string.Empty)}"),
        .. Text("edition", string.Join(", ", new[] { windows.Edition, windows.InstallationType }.OfType<string>())),
        .. Text("system root", $"{windows.SystemRoot}{(windows.ControlSet is { } set ? $", {set}" : string.Empty)}"),
    ];

    private static IEnumerable<Branch> Text(string name, string? value) => string.IsNullOrEmpty(value) ? [] : [Leaf($"{name}: {value}")];

    private static string? Tag(string name, string? value) => value is null ? null : $"{name}={value}";

    private static Branch Leaf(string text) => new(text, []);

    private static IEnumerable<string> Draw(Branch branch)
    {
        yield return branch.Text;
        for (var index = 0; index < branch.Branches.Count; index++)
        {
            var last = index == branch.Branches.Count - 1;
            var first = true;
            foreach (var line in Draw(branch.Branches[index]))
            {
                yield return (first ? (last ? "└─ " : "├─ ") : last ? "   " : "│  ") + line;
                first = false;
            }
        }
    }

    /// <summary>What a guest calls itself may hold anything: no control character of it reaches a terminal, and no line is endless.</summary>
    /// <param name="line">What may hold some of the guest's text.</param>
    public static string Printable(string line)
    {
        var text = string.Concat(line.Select(letter => char.IsControl(letter) || char.GetUnicodeCategory(letter) == UnicodeCategory.Format ? '?' : letter));
        return text.Length <= LongestLine ? text : text[..(LongestLine)] + "…";
    }

    private sealed record Branch(string Text, IReadOnlyList<Branch> Branches);
}
