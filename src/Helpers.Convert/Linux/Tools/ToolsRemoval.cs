using System.Text.RegularExpressions;
using Hyper2Kvm.Guest.Inspection.Packages;
using Hyper2Kvm.Guest.Inspection.Tools;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;
using Hyper2Kvm.Helpers.Convert.Linux.FirstBoot;

namespace Hyper2Kvm.Helpers.Convert.Linux.Tools;

/// <summary>How tools that are out of service are removed from a guest that runs. Pure.</summary>
/// <param name="Packages">Packages that go, by name.</param>
/// <param name="PackageCommand">What removes packages whose names stand behind it, and nothing that depends on them; <see langword="null"/> where no package database is known.</param>
/// <param name="Uninstallers">Programs of the guest that remove what came without a package, with their arguments.</param>
internal sealed partial record ToolsRemoval(IReadOnlyList<string> Packages, string? PackageCommand, IReadOnlyList<string> Uninstallers)
{
    /// <summary>
    /// By the format of the package database. Each removes what is named and refuses what something else depends on; tools above them (apt, dnf, zypper)
    /// would take that along. apk alone also takes what nothing asks for any more.
    /// </summary>
    private static readonly Dictionary<string, string> Commands = new(StringComparer.Ordinal)
    {
        ["dpkg"] = "dpkg --purge",
        ["rpm-sqlite"] = "rpm -e",
        ["rpm-ndb"] = "rpm -e",
        ["rpm-bdb"] = "rpm -e",
        ["pacman"] = "pacman -R --noconfirm",
        ["apk"] = "apk --no-network del",
    };

    /// <summary>Whether there is anything to remove.</summary>
    public bool IsPossible => Uninstallers.Count > 0 || (Packages.Count > 0 && PackageCommand is not null);

    /// <summary>The commands for a root shell of the guest, none of which asks.</summary>
    public IEnumerable<string> Shown => Packages.Count > 0 && PackageCommand is not null ? Uninstallers.Append($"{PackageCommand} {string.Join(' ', Packages)}") : Uninstallers;

    /// <summary>Finds what one hypervisor's tools consist of. Names that a shell would take for something else are passed over.</summary>
    /// <param name="tool">The tools.</param>
    /// <param name="inventory">Installed packages.</param>
    /// <param name="uninstallers">Programs of the guest that remove what came without a package.</param>
    public static ToolsRemoval Of(HypervisorTool tool, PackageInventory inventory, IEnumerable<string> uninstallers)
        => new(
            [.. (inventory.Packages ?? []).Select(package => package.Name).Where(name => tool.Packages.Any(start => name.StartsWith(start, StringComparison.Ordinal)) && Plain().IsMatch(name)).Distinct()],
            inventory.Format is { } format ? Commands.GetValueOrDefault(format) : null,
            [.. uninstallers.Where(path => Plain().IsMatch(path)).Select(Unattended)]);

    /// <summary>The script that removes all of it at the first boot, and the links by which units of it that are gone are masked.</summary>
    /// <param name="removals">What is removed.</param>
    /// <param name="units">Units that are masked.</param>
    public static FirstBootScript Script(IReadOnlyList<ToolsRemoval> removals, IEnumerable<string> units)
    {
        var packages = removals.SelectMany(removal => removal.Packages).Distinct().ToList();
        var command = removals.Select(removal => removal.PackageCommand).FirstOrDefault(command => command is not null) ?? string.Empty;
        var uninstallers = removals.SelectMany(removal => removal.Uninstallers).Distinct().ToList();
        var text = EmbeddedText.Read("remove-tools.sh")
            .Replace("@COMMAND@", command, StringComparison.Ordinal)
            .Replace("@PACKAGES@", command.Length > 0 ? string.Join(' ', packages) : string.Empty, StringComparison.Ordinal)
            .Replace("@UNINSTALLERS@", string.Join('\n', uninstallers), StringComparison.Ordinal)
            .Replace("@UNITS@", string.Join(' ', units.Distinct().Order(StringComparer.Ordinal)), StringComparison.Ordinal);
        return new FirstBootScript(FirstBootRank.Packages, $"removes the tools of the old hypervisor: {string.Join(", ", uninstallers.Concat(packages))}", GuestText.Bytes(text));
    }

    /// <summary>Parallels' installer removes too; the others need no argument.</summary>
    private static string Unattended(string path) => path.EndsWith("/install", StringComparison.Ordinal) ? $"{path} -r" : path;

    /// <summary>What no shell takes for anything but a word: names come from the guest.</summary>
    [GeneratedRegex(@"\A[A-Za-z0-9/][A-Za-z0-9/._+-]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Plain();
}
