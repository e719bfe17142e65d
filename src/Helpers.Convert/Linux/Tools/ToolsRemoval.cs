using Hyper2Kvm.Guest.Inspection.Packages;

namespace Hyper2Kvm.Helpers.Convert.Linux.Tools;

/// <summary>How tools that are out of service are removed from a guest that runs. Pure.</summary>
/// <param name="Packages">Packages that go, by name.</param>
/// <param name="Commands">Commands for a root shell of the guest, none of which asks; empty where nothing is known to remove.</param>
internal sealed record ToolsRemoval(IReadOnlyList<string> Packages, IReadOnlyList<string> Commands)
{
    private static readonly Dictionary<string, string> Managers = new(StringComparer.Ordinal)
    {
        ["apt"] = "DEBIAN_FRONTEND=noninteractive apt-get -y purge",
        ["dnf"] = "dnf -y remove --setopt=clean_requirements_on_remove=False",
        ["yum"] = "yum -y remove",
        ["zypper"] = "zypper --non-interactive remove",
        ["pacman"] = "pacman -R --noconfirm",
        ["apk"] = "apk del",
    };

    /// <summary>Finds what one hypervisor's tools consist of.</summary>
    /// <param name="tool">The tools.</param>
    /// <param name="inventory">Installed packages.</param>
    /// <param name="uninstallers">Programs of the guest that remove what came without a package.</param>
    public static ToolsRemoval Of(HypervisorTool tool, PackageInventory inventory, IReadOnlyList<string> uninstallers)
    {
        var packages = (inventory.Packages ?? []).Select(package => package.Name).Where(name => tool.Packages.Any(start => name.StartsWith(start, StringComparison.Ordinal))).ToList();
        var remove = packages.Count > 0 && inventory.Manager is { } manager && Managers.TryGetValue(manager, out var command) ? new[] { $"{command} {string.Join(' ', packages)}" } : [];
        return new ToolsRemoval(packages, [.. uninstallers.Select(Unattended), .. remove]);
    }

    /// <summary>Parallels' installer removes too; the others need no argument.</summary>
    private static string Unattended(string path) => path.EndsWith("/install", StringComparison.Ordinal) ? $"{path} -r" : path;
}
