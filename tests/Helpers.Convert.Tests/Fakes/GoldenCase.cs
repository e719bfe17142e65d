using System.Text;
using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Tests.Fakes;

/// <summary>
/// A guest in <c>Golden/NAME</c>: files in <c>before</c>, volumes and cards in <c>machine</c>, and in <c>changes</c> what a conversion does to them.
/// UPDATE_GOLDEN=1 writes <c>changes</c>.
/// </summary>
internal sealed class GoldenCase : IDisposable
{
    private readonly string _directory;
    private readonly string _before;
    private readonly Dictionary<string, string> _files;

    public GoldenCase(string name)
    {
        _directory = Path.Combine(Home, name);
        _before = Path.Combine(_directory, "before");
        Guest = new SampleGuest { Options = new JobConvert { GuestAgent = "off" } };
        foreach (var file in Below(new DirectoryInfo(_before)))
        {
            var path = "/" + Path.GetRelativePath(_before, file.FullName);
            if (file.LinkTarget is { } target)
                Guest.Files.Link(path, target);
            else
                Guest.Put(path, File.ReadAllBytes(file.FullName));
        }

        ReadMachine();
        _files = Snapshot();
    }

    public static IEnumerable<string> Names => Directory.EnumerateDirectories(Home).Select(directory => Path.GetFileName(directory)).Order(StringComparer.Ordinal);

    public SampleGuest Guest { get; }

    private static string Home { get; } = Path.Combine(RepositoryRoot(), "tests/Helpers.Convert.Tests/Golden");

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
            foreach (var line in after is null ? [] : LineDifference.Of(before ?? string.Empty, after))
                text.Append(line).Append('\n');
        }

        foreach (var (kind, notes) in new[] { ("warning", report.Warnings), ("note", report.Notes), ("refused", report.Refused) })
        {
            foreach (var note in notes.Where(note => note.Concern is not ("system" or "initramfs" or "initramfs-settings")))
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

    /// <summary>Lines of <c>volume DISK PARTITION CONTENT UUID PARTUUID</c> (a dash for none), <c>card MAC SLOT</c>, <c>asked MAC</c> (--mac), and <c>udev rules</c> (it reads no .link files) or <c>udev none</c>.</summary>
    private void ReadMachine()
    {
        var path = Path.Combine(_directory, "machine");
        var lines = File.Exists(path) ? File.ReadLines(path).Select(line => line.Split(' ')).ToList() : [];
        if (lines.Exists(line => line[0] == "volume"))
            Guest.Volumes.Clear();
        if (lines.Exists(line => line[0] == "card"))
            Guest.Nics.Clear();
        foreach (var line in lines)
        {
            switch (line)
            {
                case ["volume", var disk, var partition, var content, var uuid, var partUuid]:
                    Guest.Volumes.Add(SampleGuest.Volume(int.Parse(disk), int.Parse(partition), Value(content), Value(uuid), Value(partUuid)));
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
                    throw new InvalidOperationException($"{path}: {string.Join(' ', line)}");
            }
        }
    }

    private static string? Value(string text) => text == "-" ? null : text;

    private Dictionary<string, string> Snapshot()
    {
        var root = Guest.Root;
        return new[] { "etc", "var" }.Select(top => new DirectoryInfo(Path.Combine(root, top)))
            .Where(top => top.Exists)
            .SelectMany(Below)
            .Select(file => (Path: "/" + Path.GetRelativePath(root, file.FullName), File: file))
            .Where(file => !file.Path.StartsWith("/etc/initramfs-tools/", StringComparison.Ordinal))
            .ToDictionary(file => file.Path, file => file.File.LinkTarget is { } target ? $"-> {target}" : GuestText.Readable(File.ReadAllBytes(file.File.FullName)));
    }

    /// <summary>Files and links; a link to a directory is not entered.</summary>
    private static IEnumerable<FileSystemInfo> Below(DirectoryInfo directory)
        => directory.EnumerateFileSystemInfos().SelectMany(entry => entry is DirectoryInfo { LinkTarget: null } inner ? Below(inner) : [entry]);

    private static string RepositoryRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "Hyper2Kvm.sln")))
            directory = directory.Parent ?? throw new InvalidOperationException("no Hyper2Kvm.sln above " + AppContext.BaseDirectory);
        return directory.FullName;
    }
}
