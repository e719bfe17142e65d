using System.Text.RegularExpressions;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Boot.Loaders;

/// <summary>grub before version 2 (GNU GRUB 0.97 manual): <c>menu.lst</c>, on RHEL <c>grub.conf</c>.</summary>
internal sealed partial class GrubLegacy : IBootloader
{
    private readonly string _text;

    private GrubLegacy(IGuestFiles files, string path)
    {
        ConfigurationPath = path;
        _text = files.ReadText(path)!;
        Entries = Read(files, _text);
    }

    /// <inheritdoc/>
    public string Name => "grub-legacy";

    /// <inheritdoc/>
    public string ConfigurationPath { get; }

    /// <inheritdoc/>
    public IReadOnlyList<BootEntry> Entries { get; }

    /// <inheritdoc/>
    public BootEntry? Default
    {
        get
        {
            // Without a number, or with "saved", what was started last is not known here: the first is what a fresh menu starts.
            var number = DefaultLine().Match(_text) is { Success: true } line && int.TryParse(line.Groups["value"].Value, out var chosen) ? chosen : 0;
            return Entries.FirstOrDefault(entry => entry.Id == $"{number}") ?? (Entries is [var first, ..] ? first : null);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<ArgumentFile> ArgumentFiles => [new ArgumentFile(ConfigurationPath, line => Arguments().IsMatch(line))];

    /// <summary>Finds it.</summary>
    /// <param name="files">The guest.</param>
    public static GrubLegacy? Find(IGuestFiles files)
        => new[] { "/boot/grub/menu.lst", "/boot/grub/grub.conf" }
            .Concat(files.List("/boot/efi/EFI").Select(vendor => $"/boot/efi/EFI/{vendor}/grub.conf"))
            .FirstOrDefault(files.HasFile) is { } path
            ? new GrubLegacy(files, BootPath.Follow(files, path))
            : null;

    /// <inheritdoc/>
    public void SetDefault(BootEntry entry, TextEdits edits)
        => edits.Rewrite(ConfigurationPath, "the kernel that is started drives the target's disks", text => DefaultLine().IsMatch(text)
            ? DefaultLine().Replace(text, match => match.Groups["head"].Value + entry.Id)
            : $"default {entry.Id}\n{text}");

    /// <summary>An entry's id is its place among all titles, from 0, whether it starts a kernel or not.</summary>
    private static List<BootEntry> Read(IGuestFiles files, string text)
    {
        var entries = new List<BootEntry>();
        var place = -1;
        string? image = null;
        var initramfs = new List<string>();
        var arguments = string.Empty;
        var hasKernel = false;
        foreach (var line in text.Split('\n').Append("title"))
        {
            var words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0)
                continue;
            if (words[0] == "title")
            {
                if (hasKernel)
                    entries.Add(BootEntry.Of($"{place}", image, initramfs, path => BootPath.Find(files, path), arguments));
                (place, image, initramfs, hasKernel, arguments) = (place + 1, null, [], false, string.Empty);
            }
            else if (words[0] is "kernel" or "module" && words.Length > 1)
            {
                // Of a Xen host's entry the first module is the kernel.
                var path = words.Skip(1).First(word => !word.StartsWith("--", StringComparison.Ordinal) || word == words[^1]);
                hasKernel = true;
                arguments = string.Join(' ', words.Skip(2));
                image = words[0] == "module" && image is not null && !image.Contains("xen", StringComparison.Ordinal) ? image : BootPath.Find(files, path) ?? image;
            }
            else if (words[0] == "initrd" && words.Length > 1)
            {
                initramfs.AddRange(words.Skip(1));
            }
        }

        return entries;
    }

    [GeneratedRegex(@"^(?<head>[ \t]*default[ \t=]+)(?<value>\S+)", RegexOptions.Multiline)]
    private static partial Regex DefaultLine();

    /// <summary>Kernels, and the settings in comments from which Debian's update-grub makes them.</summary>
    [GeneratedRegex(@"^\s*(?:kernel|module)\s|^# (?:kopt(?:_[0-9_]+)?|defoptions|altoptions|xenkopt)=")]
    private static partial Regex Arguments();
}
