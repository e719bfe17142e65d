using System.Text.RegularExpressions;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Devices;

/// <summary>
/// Says what multipath knows of the source's disks by their WWIDs (multipath.conf(5), bindings and wwids of multipath(8)). The target's
/// disks have other WWIDs or none: the entries do nothing, and maps with those names do not come up.
/// </summary>
/// <remarks><c>/dev/mapper/mpathN</c> itself is replaced wherever a device name is; an alias of the administrator's own cannot be told from a logical volume.</remarks>
internal sealed partial class MultipathStep : IConversionStep
{
    private static readonly string[] Paths = ["/etc/multipath/bindings", "/var/lib/multipath/bindings", "/etc/multipath/wwids", "/etc/multipath.conf"];
    private static readonly string[] Users = ["/etc/fstab", "/etc/crypttab"];

    /// <inheritdoc/>
    public string Concern => "multipath";

    /// <inheritdoc/>
    public void Plan(LinuxGuest guest, StepPlan plan, CancellationToken cancel)
    {
        var aliases = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var path in Paths)
        {
            if (guest.Files.ReadTextOrWarn(path, plan) is not { } text)
                continue;
            var entries = Entry().Matches(text);
            if (entries.Count > 0)
                plan.Note($"multipath knows {entries.Count} disk(s) of the source by WWID; the target's disks have others, so these entries do nothing any more", path, "Remove them in the guest when it runs, or multipath itself if it is not needed.");
            aliases.UnionWith(entries.Concat(Alias().Matches(text)).Select(entry => entry.Groups["alias"].Value).Where(alias => alias.Length > 0 && !VolumeNames.IsControllerName($"/dev/mapper/{alias}")));
        }

        foreach (var path in Users)
            WarnOfUse(guest.Files.ReadText(path) ?? string.Empty, path, aliases, plan);
    }

    private static void WarnOfUse(string text, string path, SortedSet<string> aliases, StepPlan plan)
    {
        foreach (var word in text.Split('\n').SelectMany(line => new TableLine(line) is { Count: > 1 } fields ? [fields[0], fields[1]] : Array.Empty<string>()).Distinct())
        {
            if (MapName().Match(word) is { Success: true } map && aliases.Contains(map.Groups["alias"].Value))
                plan.Warn($"{word} is a multipath map of a disk of the source and does not come up on the target; the line was left as it is", path, "Name the volume by UUID in the guest, and convert it then.");
        }
    }

    /// <summary>A line of bindings, of wwids (between slashes), and a wwid of multipath.conf.</summary>
    [GeneratedRegex("""^[ \t]*(?:(?<alias>[A-Za-z0-9_.-]+)[ \t]+[0-9a-fA-F]{17,}[ \t]*$|/[0-9A-Za-z_.-]{8,}/[ \t]*$|wwid[ \t]+"?[0-9a-fA-Fnaeui.]{8,})""", RegexOptions.Multiline)]
    private static partial Regex Entry();

    [GeneratedRegex("""^[ \t]*alias[ \t]+"?(?<alias>[A-Za-z0-9_.-]+)""", RegexOptions.Multiline)]
    private static partial Regex Alias();

    [GeneratedRegex("^/dev/mapper/(?<alias>[A-Za-z0-9_.-]+?)(?:-part[0-9]+|p?[0-9]+)?$")]
    private static partial Regex MapName();
}
