using System.Text.RegularExpressions;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Boot.Loaders;

/// <summary>extlinux and syslinux (SYSLINUX wiki, "Config"), with the settings from which Alpine makes the file anew.</summary>
internal sealed partial class Extlinux : IBootloader
{
    private const string SettingsPath = "/etc/update-extlinux.conf";

    private readonly IGuestFiles _files;
    private readonly string _text;
    private string? _menuDefault;

    private Extlinux(IGuestFiles files, string path)
    {
        _files = files;
        ConfigurationPath = path;
        _text = files.ReadText(path)!;
        Entries = Read();
    }

    /// <inheritdoc/>
    public string Name => "extlinux";

    /// <inheritdoc/>
    public string ConfigurationPath { get; }

    /// <inheritdoc/>
    public IReadOnlyList<BootEntry> Entries { get; }

    /// <inheritdoc/>
    public BootEntry? Default
    {
        get
        {
            var named = DefaultLine().Match(_text) is { Success: true } line ? line.Groups["value"].Value : null;
            return Entries.FirstOrDefault(entry => entry.Id == _menuDefault) ?? Entries.FirstOrDefault(entry => entry.Id == named) ?? (Entries is [var first, ..] ? first : null);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<ArgumentFile> ArgumentFiles =>
    [
        new ArgumentFile(ConfigurationPath, line => Append().IsMatch(line)),
        .. new[] { SettingsPath }.Where(_files.HasFile).Select(path => new ArgumentFile(path, line => Setting().IsMatch(line))),
    ];

    /// <summary>Finds it.</summary>
    /// <param name="files">The guest.</param>
    public static Extlinux? Find(IGuestFiles files)
        => new[] { "/boot/extlinux/extlinux.conf", "/boot/extlinux.conf", "/extlinux.conf", "/boot/syslinux/extlinux.conf", "/boot/syslinux/syslinux.cfg" }.FirstOrDefault(files.HasFile) is { } path
            ? new Extlinux(files, path)
            : null;

    /// <inheritdoc/>
    public void SetDefault(BootEntry entry, TextEdits edits)
    {
        edits.Rewrite(ConfigurationPath, "the kernel that is started drives the target's disks", text =>
        {
            var named = MenuDefaultLine().Replace(text, string.Empty);
            return DefaultLine().IsMatch(named) ? DefaultLine().Replace(named, match => match.Groups["head"].Value + entry.Id, 1) : $"DEFAULT {entry.Id}\n{named}";
        });
        if (_files.HasFile(SettingsPath))
            edits.Rewrite(SettingsPath, "Alpine's next update-extlinux keeps the kernel that is started", text => AlpineDefault().Replace(text, $"default={entry.Id}"));
    }

    private List<BootEntry> Read()
    {
        var entries = new List<BootEntry>();
        string? label = null;
        string? image = null;
        var initramfs = new List<string>();
        var arguments = string.Empty;
        var directory = ConfigurationPath[..ConfigurationPath.LastIndexOf('/')];
        foreach (var line in _text.Split('\n').Append("LABEL"))
        {
            var words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            var key = words.Length == 0 ? string.Empty : words[0].ToUpperInvariant();
            if (key == "LABEL")
            {
                if (label is not null && image is not null)
                    entries.Add(BootEntry.Of(label, image, initramfs, name => Locate(name, directory), arguments));
                (label, image, initramfs, arguments) = (words.Length > 1 ? words[1] : null, null, [], string.Empty);
            }
            else if (key == "MENU" && words.Length == 2 && words[1].Equals("default", StringComparison.OrdinalIgnoreCase))
            {
                _menuDefault = label;
            }
            else if (key is "KERNEL" or "LINUX" && words.Length > 1)
            {
                image = Locate(words[1], directory);
            }
            else if (key is "INITRD" or "APPEND")
            {
                var names = key == "INITRD" ? words.Skip(1) : words.Where(word => word.StartsWith("initrd=", StringComparison.Ordinal)).Select(word => word["initrd=".Length..]);
                initramfs.AddRange(names.SelectMany(names => names.Split(',')));
                if (key == "APPEND")
                    arguments = string.Join(' ', words.Skip(1));
            }
        }

        return entries;
    }

    /// <summary>Relative to the configuration's own directory, or to the root of its file system (<c>../vmlinuz-lts</c> too).</summary>
    private string? Locate(string path, string directory)
        => path.StartsWith("../", StringComparison.Ordinal)
            ? BootPath.Find(_files, path[3..], directory[..directory.LastIndexOf('/')])
            : BootPath.Find(_files, path, path.StartsWith('/') ? "/boot" : directory);

    [GeneratedRegex(@"^\s*append\s", RegexOptions.IgnoreCase)]
    private static partial Regex Append();

    [GeneratedRegex("^(?:root|default_kernel_opts)=")]
    private static partial Regex Setting();

    [GeneratedRegex(@"^(?<head>[ \t]*default[ \t]+)(?<value>\S+)", RegexOptions.Multiline | RegexOptions.IgnoreCase)]
    private static partial Regex DefaultLine();

    [GeneratedRegex(@"^[ \t]*menu[ \t]+default[ \t]*\r?\n", RegexOptions.Multiline | RegexOptions.IgnoreCase)]
    private static partial Regex MenuDefaultLine();

    [GeneratedRegex("^default=.*$", RegexOptions.Multiline)]
    private static partial Regex AlpineDefault();
}
