using Hyper2Kvm.Guest;
using Hyper2Kvm.Guest.Inspection.Packages;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Tools;

/// <summary>Takes the tools of the old hypervisor out of service. They stay installed: removing them would run programs of the guest.</summary>
internal sealed class HypervisorToolsStep : IConversionStep
{
    private const string Reason = "it has no hypervisor to talk to any more";
    private const string BlacklistPath = "/etc/modprobe.d/hyper2kvm-tools.conf";
    private const string BlacklistReason = "modules of the old hypervisor are not loaded by name: they would fail, or stand in the way";

    /// <inheritdoc/>
    public string Concern => "hypervisor-tools";

    /// <inheritdoc/>
    public void Plan(LinuxGuest guest, StepPlan plan, CancellationToken cancel)
    {
        var services = new GuestServices(guest.Files, Reason);
        var inventory = new Lazy<PackageInventory>(() => PackageInventory.Read(guest.Files));
        var modules = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var tool in KnownTools.All)
        {
            var units = tool.Units.Where(services.HasUnit).ToList();
            var scripts = tool.Scripts.Where(services.HasScript).ToList();
            var uninstallers = tool.Uninstallers.SelectMany(path => Programs(guest.Files, path)).ToList();
            if (units.Count + scripts.Count + uninstallers.Count == 0)
                continue;
            foreach (var edit in units.SelectMany(services.DisableUnit).Concat(scripts.SelectMany(services.DisableScript)).DistinctBy(edit => (edit.GetType(), edit.Path)))
                plan.Edit(edit);
            modules.UnionWith(tool.Modules.Where(name => guest.Kernels.Any(kernel => kernel.Modules.PathOf(name) is not null)));
            Tell(plan, tool, ToolsRemoval.Of(tool, inventory.Value, uninstallers), [.. units, .. scripts]);
        }

        if (modules.Count > 0)
            plan.Edit(GuestText.Rewrite(BlacklistPath, BlacklistReason, guest.Files.ReadText(BlacklistPath) ?? string.Empty, _ => Blacklist(modules)));
    }

    private static void Tell(StepPlan plan, HypervisorTool tool, ToolsRemoval removal, List<string> services)
        => plan.Note(
            $"{tool.Name} are out of service ({string.Join(", ", services.DefaultIfEmpty("they had no service"))}) and still installed"
                + (removal.Packages.Count > 0 ? $": {string.Join(", ", removal.Packages)}" : string.Empty),
            hint: removal.Commands.Count > 0 ? $"Remove them once the guest runs: {string.Join("; ", removal.Commands)}" : "Remove them with the guest's package manager once it runs.");

    private static string Blacklist(SortedSet<string> modules)
        => $"# Written by hyper2kvm: {BlacklistReason}.\n{string.Concat(modules.Select(name => $"blacklist {name}\n"))}";

    /// <summary>The program, in every directory that a pattern stands for.</summary>
    private static IEnumerable<string> Programs(IGuestFiles files, string path)
    {
        var star = path.IndexOf("*/", StringComparison.Ordinal);
        if (star < 0)
            return files.HasFile(path) ? [path] : [];
        var top = path[..path.LastIndexOf('/', star)];
        return files.List(top).Where(name => name.StartsWith(path[(top.Length + 1)..star], StringComparison.Ordinal))
            .Select(name => $"{top}/{name}{path[(star + 1)..]}")
            .Where(files.HasFile);
    }
}
