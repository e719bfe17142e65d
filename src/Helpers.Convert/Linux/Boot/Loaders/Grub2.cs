using System.Text.RegularExpressions;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Boot.Loaders;

/// <summary>grub2, with entries in its menu, in files of their own (BLS), or both.</summary>
/// <remarks>
/// The menu is edited, not made anew: grub-mkconfig is a program of the guest. <c>search --fs-uuid</c> lines and
/// <c>set root='hd0,msdos1'</c> name the boot disk by the firmware's order, which stays.
/// </remarks>
internal sealed partial class Grub2 : IBootloader
{
    /// <summary>Settings from which the guest itself makes its menu.</summary>
    public const string DefaultsPath = "/etc/default/grub";

    private const string EntryDirectory = "/boot/loader/entries";
    private const string EfiDirectory = "/boot/efi/EFI";

    private readonly IGuestFiles _files;
    private readonly GrubMenu _menu;
    private readonly string _environmentPath;
    private readonly string _environment;
    private readonly List<(BootEntry Entry, string Index, string Title)> _entries = [];

    private Grub2(IGuestFiles files, string path, GrubMenu menu)
    {
        _files = files;
        _menu = menu;
        ConfigurationPath = path;
        _environmentPath = $"{Directory}/grubenv";
        _environment = files.ReadText(_environmentPath) ?? string.Empty;
        Read();
    }

    /// <inheritdoc/>
    public string Name => "grub2";

    /// <inheritdoc/>
    public string ConfigurationPath { get; }

    /// <summary>Where it has its menu and what belongs to it.</summary>
    public string Directory => ConfigurationPath[..ConfigurationPath.LastIndexOf('/')];

    /// <inheritdoc/>
    public IReadOnlyList<BootEntry> Entries => [.. _entries.Select(entry => entry.Entry)];

    /// <inheritdoc/>
    public BootEntry? Default
    {
        get
        {
            var wanted = (IsSaved ? GrubEnvironment.Get(_environment, "saved_entry") : _menu.Default) is { Length: > 0 } value ? value : "0";
            return _entries.Select(entry => entry.Entry).FirstOrDefault(entry => entry.Id == wanted)
                ?? _entries.FirstOrDefault(entry => entry.Title == wanted || entry.Index == wanted).Entry
                ?? _entries.FirstOrDefault(entry => entry.Index.StartsWith(wanted + ">", StringComparison.Ordinal)).Entry
                ?? _entries.FirstOrDefault().Entry;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<ArgumentFile> ArgumentFiles =>
    [
        .. Menus().Select(path => new ArgumentFile(path, GrubMenu.HoldsArguments)),
        .. Environments().Select(path => new ArgumentFile(path, line => EnvironmentArguments().IsMatch(line)) { Finish = GrubEnvironment.Fit }),
        .. BootLoaderSpecification.ReadAll(_files, EntryDirectory).Select(entry => new ArgumentFile(entry.Path, BootLoaderSpecification.HoldsArguments)),
        .. Defaults().Select(path => new ArgumentFile(path, line => CommandLine().IsMatch(line))),
        .. KernelCommandLine.Files(_files),
    ];

    private bool IsSaved => _menu.Default?.Contains("saved_entry", StringComparison.Ordinal) ?? _menu.HasBls;

    /// <summary>Finds grub2.</summary>
    /// <param name="files">The guest.</param>
    /// <param name="efi">Whether its firmware is UEFI: then a whole menu on the EFI system partition goes before one in <c>/boot</c> (RHEL 7).</param>
    public static Grub2? Find(IGuestFiles files, bool efi)
    {
        string[] boot = ["/boot/grub/grub.cfg", "/boot/grub2/grub.cfg"];
        var onEfi = files.List(EfiDirectory).Select(vendor => $"{EfiDirectory}/{vendor}/grub.cfg");
        return (efi ? onEfi.Concat(boot) : boot.Concat(onEfi))
            .Where(files.HasFile)
            .Select(path => (Path: path, Menu: GrubMenu.Parse(files.ReadText(path)!)))
            .Where(found => !found.Menu.IsStub)
            .Select(found => new Grub2(files, found.Path, found.Menu))
            .FirstOrDefault();
    }

    /// <inheritdoc/>
    public void SetDefault(BootEntry entry, TextEdits edits)
    {
        const string Reason = "the kernel that is started drives the target's disks";
        if (IsSaved)
        {
            edits.Rewrite(_environmentPath, Reason, text => GrubEnvironment.Set(text, "saved_entry", entry.Id));
            return;
        }

        edits.Rewrite(ConfigurationPath, Reason, text => GrubMenu.WithDefault(text, entry.Id));
        if (!_files.HasFile(DefaultsPath))
            return;
        edits.Rewrite(DefaultsPath, Reason, text => DefaultSetting().IsMatch(text)
            ? DefaultSetting().Replace(text, $"GRUB_DEFAULT=\"{entry.Id.Replace("$", "$$", StringComparison.Ordinal)}\"")
            : $"{text}GRUB_DEFAULT=\"{entry.Id}\"\n");
    }

    /// <summary>Settings from which the guest makes its menu, those of drop-in directories too.</summary>
    public IEnumerable<string> Defaults()
        => _files.List($"{DefaultsPath}.d")
            .Where(name => name.EndsWith(".cfg", StringComparison.Ordinal))
            .Select(name => $"{DefaultsPath}.d/{name}")
            .Prepend(DefaultsPath)
            .Append("/etc/sysconfig/bootloader")
            .Where(_files.HasFile);

    private IEnumerable<string> Menus()
        => new[] { ConfigurationPath, $"{Directory}/custom.cfg" }
            .Concat(_files.List("/etc/grub.d").Where(name => name.EndsWith("_custom", StringComparison.Ordinal)).Select(name => $"/etc/grub.d/{name}"))
            .Where(_files.HasFile);

    /// <summary>The environment block, and Photon's files of the same form.</summary>
    private IEnumerable<string> Environments()
        => _menu.LoadedFiles.Select(file => BootPath.Find(_files, Expand(file))).OfType<string>()
            .Append(_environmentPath)
            .Where(_files.HasFile)
            .Select(path => BootPath.Follow(_files, path))
            .Distinct();

    private void Read()
    {
        foreach (var entry in _menu.Entries.Where(entry => entry.Linux is not null))
            Add(entry.Id, entry.Index, entry.Title, entry.Linux!, entry.Initrds, entry.Arguments);
        if (!_menu.HasBls)
            return;
        var place = 0;
        foreach (var entry in BootLoaderSpecification.ReadAll(_files, EntryDirectory).OrderByDescending(entry => entry.Id, NaturalOrder.Instance).Where(entry => entry.Linux is not null))
            Add(entry.Id, $"{place++}", string.Empty, entry.Linux!, entry.Initrds, entry.Arguments);
    }

    private void Add(string id, string index, string title, string linux, IReadOnlyList<string> initrds, string arguments)
        => _entries.Add((BootEntry.Of(id, BootPath.Find(_files, Expand(linux)), initrds.Select(Expand), initrd => BootPath.Find(_files, initrd), Expand(arguments)), index, title));

    /// <summary>A path with variables of the menu and of the files that it loads put in: Photon keeps the names of kernel and initrd in such a file.</summary>
    private string Expand(string path)
        => Variable().Replace(path, match => ValueOf(match.Groups["name"].Value) ?? string.Empty);

    private string? ValueOf(string name)
        => _menu.Variables.GetValueOrDefault(name)
            ?? _menu.LoadedFiles.Where(file => !file.Contains(name, StringComparison.Ordinal))
                .Select(file => BootPath.Find(_files, file))
                .OfType<string>()
                .Select(path => GrubEnvironment.Get(_files.ReadText(path)!, name))
                .OfType<string>()
                .LastOrDefault()
            ?? GrubEnvironment.Get(_environment, name);

    [GeneratedRegex(@"\$\{?(?<name>[A-Za-z_][A-Za-z0-9_]*)\}?")]
    private static partial Regex Variable();

    [GeneratedRegex("^(?:kernelopts|[a-z0-9]+_cmdline)=")]
    private static partial Regex EnvironmentArguments();

    /// <summary>Those of /etc/default/grub, and of SUSE's /etc/sysconfig/bootloader.</summary>
    [GeneratedRegex(@"^\s*(?:export\s+)?(?:GRUB_CMDLINE_[A-Z_]+|[A-Z]+_APPEND)\+?=")]
    private static partial Regex CommandLine();

    [GeneratedRegex("^[ \\t]*GRUB_DEFAULT=.*$", RegexOptions.Multiline)]
    private static partial Regex DefaultSetting();
}
