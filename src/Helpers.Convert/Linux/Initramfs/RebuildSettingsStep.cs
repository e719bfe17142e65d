using Hyper2Kvm.Helpers.Convert.Linux.Boot;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Initramfs;

/// <summary>Settings with which the guest's next own rebuild of its initramfs keeps the drivers.</summary>
internal sealed class RebuildSettingsStep : IConversionStep
{
    private const string ModulesPath = "/etc/initramfs-tools/modules";
    private const string Comment = "# hyper2kvm: drivers for KVM";

    /// <inheritdoc/>
    public string Concern => "initramfs-settings";

    /// <inheritdoc/>
    public void Plan(LinuxGuest guest, StepPlan plan, CancellationToken cancel)
    {
        var drivers = guest.Block.Modules.Where(name => guest.Kernels.Any(kernel => kernel.Modules.PathOf(name) is not null)).ToList();
        if (guest.Files.HasDirectory("/etc/initramfs-tools"))
        {
            plan.Edit(GuestText.Rewrite(
                ModulesPath,
                "update-initramfs keeps the drivers for KVM",
                guest.Files.ReadText(ModulesPath) ?? string.Empty,
                text => ModuleList.With(text, drivers, Comment)));
        }
        else
        {
            plan.Warn("the guest does not use initramfs-tools; its own next rebuild of the initramfs may leave the drivers out", "/etc", "Add the virtio drivers to the settings of the tool that it uses.");
        }
    }
}
