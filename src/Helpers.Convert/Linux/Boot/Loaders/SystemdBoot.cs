using System.IO.Enumeration;
using System.Text.RegularExpressions;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Boot.Loaders;

/// <summary>systemd-boot (systemd-boot(7), loader.conf(5)): entries as files, and unified kernel images, on the EFI system partition or XBOOTLDR.</summary>
/// <remarks>A default that was chosen in its menu is a variable of the firmware, which does not come along: loader.conf decides.</remarks>
internal sealed partial class SystemdBoot : IBootloader
{
    /// <summary>Where the EFI system partition and XBOOTLDR are mounted (UAPI.1 Boot Loader Specification, "mount points").</summary>
    public static readonly IReadOnlyList<string> MountPoints = ["/efi", "/boot/efi", "/boot"];

    private readonly IGuestFiles _files;
    private readonly string _settings;
    private readonly IReadOnlyList<BootLoaderSpecification> _specifications;

    private SystemdBoot(IGuestFiles files, string path)
    {
        _files = files;
        ConfigurationPath = path;
        _settings = files.ReadText(path) ?? string.Empty;
        _specifications = [.. MountPoints.SelectMany(point => BootLoaderSpecification.ReadAll(files, $"{point}/loader/entries"))];
        Entries =
        [
            .. _specifications.Select(entry => (Entry: entry, Point: entry.Path[..entry.Path.IndexOf("/loader/", StringComparison.Ordinal)])).Where(found => found.Entry.Linux is not null).Select(found => BootEntry.Of(
                $"{found.Entry.Id}.conf",
                BootPath.Find(files, found.Entry.Linux!, found.Point),
                found.Entry.Initrds,
                initrd => BootPath.Find(files, initrd, found.Point),
                found.Entry.Arguments)),
            .. UnifiedImages(files).OrderByDescending(image => image, NaturalOrder.Instance).Select(image => new BootEntry(image[(image.LastIndexOf('/') + 1)..], image, [])),
        ];
    }

    /// <inheritdoc/>
    public string Name => "systemd-boot";

    /// <inheritdoc/>
    public string ConfigurationPath { get; }

    /// <inheritdoc/>
    public IReadOnlyList<BootEntry> Entries { get; }

    /// <inheritdoc/>
    public BootEntry? Default
    {
        get
        {
            var named = DefaultLine().Match(_settings) is { Success: true } line ? line.Groups["value"].Value : null;
            return Entries.FirstOrDefault(entry => named is not null && (FileSystemName.MatchesSimpleExpression(named, entry.Id) || entry.Id == $"{named}.conf"))
                ?? (Entries is [var first, ..] ? first : null);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<ArgumentFile> ArgumentFiles
        => [.. _specifications.Select(entry => new ArgumentFile(entry.Path, BootLoaderSpecification.HoldsArguments)), .. KernelCommandLine.Files(_files)];

    /// <summary>Unified kernel images (UAPI.5), where systemd-boot and firmware look for them.</summary>
    /// <param name="files">The guest.</param>
    public static IEnumerable<string> UnifiedImages(IGuestFiles files)
        => MountPoints.SelectMany(point => files.List($"{point}/EFI/Linux")
            .Where(name => name.EndsWith(".efi", StringComparison.OrdinalIgnoreCase))
            .Select(name => $"{point}/EFI/Linux/{name}"));

    /// <summary>Finds it.</summary>
    /// <param name="files">The guest.</param>
    public static SystemdBoot? Find(IGuestFiles files)
        => MountPoints.FirstOrDefault(point => files.HasFile($"{point}/loader/loader.conf")
                || files.List($"{point}/EFI/systemd").Any(name => name.StartsWith("systemd-boot", StringComparison.OrdinalIgnoreCase))) is { } found
            || (found = UnifiedImages(files).Select(image => image[..image.IndexOf("/EFI/", StringComparison.Ordinal)]).FirstOrDefault()) is not null
            ? new SystemdBoot(files, $"{found}/loader/loader.conf")
            : null;

    /// <inheritdoc/>
    public void SetDefault(BootEntry entry, TextEdits edits)
        => edits.Rewrite(ConfigurationPath, "the kernel that is started drives the target's disks", text => DefaultLine().IsMatch(text)
            ? DefaultLine().Replace(text, match => match.Groups["head"].Value + entry.Id)
            : $"default {entry.Id}\n{text}");

    [GeneratedRegex(@"^(?<head>[ \t]*default[ \t]+)(?<value>\S+)", RegexOptions.Multiline)]
    private static partial Regex DefaultLine();
}
