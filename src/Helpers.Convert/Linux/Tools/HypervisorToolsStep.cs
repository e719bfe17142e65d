using Hyper2Kvm.Guest.Inspection.Packages;
using Hyper2Kvm.Guest.Inspection.Tools;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Tools;

/// <summary>Takes the tools of the old hypervisor out of service, and has them removed at the first boot where that is wanted: removing them runs programs of the guest.</summary>
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
        var isRemoved = guest.Input.Options.RemoveTools;
        var services = new GuestServices(guest.Files, Reason);
        var inventory = new Lazy<PackageInventory>(() => PackageInventory.Read(guest.Files));
        var modules = new SortedSet<string>(StringComparer.Ordinal);
        var removals = new List<ToolsRemoval>();
        var masked = new List<string>();
        foreach (var tool in KnownTools.All)
        {
            var units = tool.Units.Where(services.HasUnit).ToList();
            var scripts = tool.Scripts.Where(services.HasScript).ToList();
            var uninstallers = tool.Uninstallers.SelectMany(path => HypervisorTools.Matching(guest.Files, path)).ToList();
            var hasFiles = units.Count + scripts.Count + uninstallers.Count > 0;
            if (!hasFiles && !isRemoved)
                continue;
            var removal = ToolsRemoval.Of(tool, inventory.Value, uninstallers);
            if (!hasFiles && removal.Packages.Count == 0)
                continue;
            foreach (var edit in units.SelectMany(services.DisableUnit).Concat(scripts.SelectMany(services.DisableScript)).DistinctBy(edit => (edit.GetType(), edit.Path)))
                plan.Edit(edit);
            modules.UnionWith(tool.Modules.Where(name => guest.Kernels.Any(kernel => kernel.Modules.PathOf(name) is not null)));
            masked.AddRange(units.Concat(scripts.Select(script => $"{script}.service")));
            removals.Add(removal);
            Tell(plan, tool, removal, [.. units, .. scripts], isRemoved);
        }

        if (modules.Count > 0)
            plan.Edit(GuestText.Rewrite(BlacklistPath, BlacklistReason, guest.Files.ReadText(BlacklistPath) ?? string.Empty, _ => Blacklist(modules)));
        if (isRemoved)
            Remove(guest, plan, inventory.Value, removals, masked);
    }

    private static void Tell(StepPlan plan, HypervisorTool tool, ToolsRemoval removal, List<string> services, bool isRemoved)
        => plan.Note(
            $"{tool.Name} are out of service ({string.Join(", ", services.DefaultIfEmpty("they had no service"))}) and {(isRemoved && removal.IsPossible ? "are removed at the first boot" : "still installed")}"
                + (removal.Packages.Count > 0 ? $": {string.Join(", ", removal.Packages)}" : string.Empty),
            hint: isRemoved && removal.IsPossible ? null
                : removal.IsPossible ? $"Remove them once the guest runs: {string.Join("; ", removal.Shown)}; or convert with --remove-tools."
                : "Remove them with the guest's package manager once it runs.");

    private static void Remove(LinuxGuest guest, StepPlan plan, PackageInventory inventory, List<ToolsRemoval> removals, List<string> masked)
    {
        if (inventory is { Format: not null, Packages: null })
            plan.Warn($"--remove-tools: the package database ({inventory.Format}) cannot be read; no package is removed", hint: "Repair the database in the running guest, and remove the tools there.");
        if (removals.Exists(removal => removal.IsPossible))
            guest.FirstBoot.Add(ToolsRemoval.Script(removals, masked));
        else if (removals.Count == 0)
            plan.Note("--remove-tools: no tools of another hypervisor were found");
    }

    private static string Blacklist(SortedSet<string> modules)
        => $"# Written by hyper2kvm: {BlacklistReason}.\n{string.Concat(modules.Select(name => $"blacklist {name}\n"))}";
}
