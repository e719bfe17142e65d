using System.Text.RegularExpressions;
using Hyper2Kvm.Helpers.Convert.Linux.Devices;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Boot;

/// <summary>Frees the <c>linux</c> lines of grub's menus of device names.</summary>
/// <remarks>
/// The menu is edited, not made anew: grub-mkconfig is a program of the guest. <c>search --fs-uuid</c> lines and
/// <c>set root='hd0,msdos1'</c> name the boot disk by the firmware's order, which stays; so do console arguments.
/// </remarks>
internal sealed partial class GrubMenuStep : IConversionStep
{
    /// <inheritdoc/>
    public string Concern => "grub-menu";

    /// <inheritdoc/>
    public void Plan(LinuxGuest guest, StepPlan plan, CancellationToken cancel)
    {
        foreach (var path in guest.Grub.Menus(guest.Files))
        {
            var devices = new DeviceRewriter(guest.Names, path, plan);
            plan.Edit(GuestText.Rewrite(
                path,
                "kernel arguments that do not depend on the disk controller",
                guest.Files.ReadText(path)!,
                text => TextLines.Map(text, line => LinuxLine().IsMatch(line) ? KernelArguments.Rewrite(line, devices) : line)));
        }
    }

    [GeneratedRegex(@"^\s*(?:linux(?:16|efi)?|multiboot2?|module2?)\s")]
    private static partial Regex LinuxLine();
}
