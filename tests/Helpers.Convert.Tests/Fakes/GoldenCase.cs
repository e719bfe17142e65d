using System.Security.Cryptography;
using System.Text;
using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Guest.Inspection;
using Hyper2Kvm.Helpers.Convert.Linux;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Tests.Fakes;

/// <summary>
/// A guest in <c>Golden/NAME</c>: files in <c>before</c>, volumes and cards in <c>machine</c>, and in <c>changes</c> what a conversion does to them.
/// UPDATE_GOLDEN=1 writes <c>changes</c>.
/// </summary>
/// <remarks>
/// <c>before</c> is laid over the small Debian of <see cref="SampleGuest"/>; where <c>machine</c> names a kernel it is a whole system instead, as its installer
/// leaves it, but for what is no text, which <c>machine</c> names.
/// </remarks>
internal sealed class GoldenCase : IDisposable
{
    /// <summary>What the first boot runs is one text for all guests: it is named, not shown.</summary>
    private static readonly string[] FirstBoot = ["hyper2kvm-firstboot", "/hyper2kvm/firstboot"];

    private readonly string _directory;
    private readonly string _before;
    private readonly bool _isWhole;
    private readonly Dictionary<string, string> _files;

    public GoldenCase(string name)
    {
        _directory = Path.Combine(Home, name);
        _before = Path.Combine(_directory, "before");
        var machine = Path.Combine(_directory, "machine");
        string[][] lines = File.Exists(machine) ? [.. File.ReadLines(machine).Select(line => line.Split(' '))] : [];
        _isWhole = Array.Exists(lines, line => line[0] == "kernel");
        Guest = new SampleGuest(isDebian: !_isWhole) { Options = _isWhole ? new JobConvert() : new JobConvert { GuestAgent = "off" } };
        foreach (var file in Below(new DirectoryInfo(_before)))
        {
            var path = "/" + Path.GetRelativePath(_before, file.FullName);
            if (file.LinkTarget is { } target)
                Guest.Files.Link(path, target);
            else
                Guest.Put(path, File.ReadAllBytes(file.FullName));
        }

        ReadMachine(lines);
        if (_isWhole)
            ReadRelease();
        _files = Snapshot();
    }

    public static IEnumerable<string> Names => Directory.EnumerateDirectories(Home).Select(directory => Path.GetFileName(directory)).Order(StringComparer.Ordinal);

    public SampleGuest Guest { get; }

    private static string Home { get; } = Path.Combine(Repository.Root, "tests/Helpers.Convert.Tests/Golden");

    /// <summary>What the conversion did: the lines of every file that it changed but for those of the sample guest, and what it said.</summary>
    public string Changes(ConversionReport report)
    {
        var now = Snapshot();
        var text = new StringBuilder();
        foreach (var path in _files.Keys.Union(now.Keys).Order(StringComparer.Ordinal))
        {
            var (before, after) = (_files.GetValueOrDefault(path), now.GetValueOrDefault(path));
            if (before == after)
                continue;
            text.Append(before is null ? "create " : after is null ? "delete " : "edit ").Append(path).Append('\n');
            foreach (var line in after is null || after.StartsWith('\0') || FirstBoot.Any(path.Contains) ? [] : LineDifference.Of(before ?? string.Empty, after))
                text.Append(line).Append('\n');
        }

        foreach (var (kind, notes) in new[] { ("warning", report.Warnings), ("note", report.Notes), ("refused", report.Refused) })
        {
            foreach (var note in notes.Where(note => _isWhole || note.Concern is not ("system" or "initramfs" or "initramfs-settings")))
                text.Append(kind).Append(' ').Append(note.Path).Append(": ").Append(note.Message).Append(note.Hint is null ? string.Empty : $" [{note.Hint}]").Append('\n');
        }

        return text.ToString();
    }

    public string Expected(string actual)
    {
        var path = Path.Combine(_directory, "changes");
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
            File.WriteAllText(path, actual);
        return File.ReadAllText(path);
    }

    public void Dispose() => Guest.Dispose();

    /// <summary>
    /// Lines of <c>volume DISK PARTITION CONTENT UUID PARTUUID [MOUNT-POINT]</c> (a dash for none), <c>lv DEVICE CONTENT UUID [MOUNT-POINT]</c>, <c>card MAC SLOT</c>, <c>asked MAC</c> (--mac),
    /// <c>udev rules</c> (it reads no .link files) or <c>udev none</c>; of a whole system <c>kernel VERSION SUFFIX [IMAGE]</c>, <c>initramfs PATH TOOL VERSION</c>,
    /// <c>loader PATH</c> (an EFI program, which makes it a guest of UEFI) and <c>file PATH</c> (one whose content says nothing).
    /// </summary>
    private void ReadMachine(string[][] lines)
    {
        if (Array.Exists(lines, line => line[0] == "volume"))
            Guest.Volumes.Clear();
        if (Array.Exists(lines, line => line[0] == "card"))
            Guest.Nics.Clear();
        foreach (var line in lines)
        {
            switch (line)
            {
                case ["volume", var disk, var partition, var content, var uuid, var partUuid, .. var point]:
                    Add(SampleGuest.Volume(int.Parse(disk), int.Parse(partition), Value(content), Value(uuid), Value(partUuid)), point);
                    break;
                case ["lv", var device, var content, var uuid, .. var point]:
                    Add(SampleGuest.Volume(0, 0, content, uuid, null) with { Device = device, Names = [device], Kind = VolumeKind.Logical }, point);
                    break;
                case ["kernel", var version, var suffix, .. var image]:
                    Guest.AddKernel(version, suffix);
                    Guest.Put(image is [var place] ? place : $"/boot/vmlinuz-{version}", FamilyGuest.Image(version));
                    if (image is not [])
                        Guest.Files.Delete($"/boot/vmlinuz-{version}");
                    break;
                case ["initramfs", var path, var tool, var version]:
                    Guest.Put(path, FamilyArchive.Of(tool, version));
                    break;
                case ["loader", var path]:
                    Guest.Firmware = Firmware.Uefi;
                    Guest.Put(path, EfiPrograms.Loader(0x8664));
                    break;
                case ["file", var path]:
                    Guest.Put(path, "x");
                    break;
                case ["card", var mac, var slot]:
                    Guest.Nics.Add(new NicMetadata { Mac = Value(mac), Slot = int.Parse(slot) });
                    break;
                case ["asked", var mac]:
                    Guest.Macs.Add(mac);
                    break;
                case ["udev", var kind]:
                    Guest.Files.Delete(SampleGuest.LinkRules);
                    if (kind == "none")
                        Guest.Files.Delete("/usr/bin/udevadm");
                    break;
                default:
                    throw new InvalidOperationException($"{_directory}/machine: {string.Join(' ', line)}");
            }
        }
    }

    private void Add(GuestVolume volume, string[] mountPoint)
    {
        Guest.Volumes.Add(volume);
        if (mountPoint is [var point])
            Guest.Mounts.Add(new LinuxMount(volume, point));
    }

    private void ReadRelease()
    {
        var system = LinuxInspection.Inspect(Guest.Files, Guest.Volumes[0], subvolume: null)!;
        Guest.System = system.OperatingSystem;
        Guest.IdLike.AddRange(system.Like);
    }

    private static string? Value(string text) => text == "-" ? null : text;

    private Dictionary<string, string> Snapshot()
    {
        var root = Guest.Root;
        return (_isWhole ? new[] { "etc", "var", "boot", "efi" } : ["etc", "var"]).Select(top => new DirectoryInfo(Path.Combine(root, top)))
            .Where(top => top.Exists)
            .SelectMany(Below)
            .Select(file => (Path: "/" + Path.GetRelativePath(root, file.FullName), File: file))
            .Where(file => _isWhole || !file.Path.StartsWith("/etc/initramfs-tools/", StringComparison.Ordinal))
            .ToDictionary(file => file.Path, file => file.File.LinkTarget is { } target ? $"-> {target}" : Content(file.File.FullName));
    }

    /// <summary>What is no text is told by its digest, behind a zero byte.</summary>
    private static string Content(string file)
    {
        var bytes = File.ReadAllBytes(file);
        return bytes.Contains((byte)0) ? $"\0{System.Convert.ToHexString(SHA256.HashData(bytes))}" : GuestText.Readable(bytes);
    }

    /// <summary>Files and links; a link to a directory is not entered.</summary>
    private static IEnumerable<FileSystemInfo> Below(DirectoryInfo directory)
        => directory.EnumerateFileSystemInfos().SelectMany(entry => entry is DirectoryInfo { LinkTarget: null } inner ? Below(inner) : [entry]);
}
