using System.Text.RegularExpressions;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Helpers.Convert.Linux.Boot.Loaders;
using Hyper2Kvm.Helpers.Convert.Linux.Devices;

namespace Hyper2Kvm.Helpers.Convert.Linux.Boot;

/// <summary>
/// Frees the bootloader's files of the old machine: kernel arguments in the menu, and in the settings from which the guest makes its next one.
/// Has another kernel started where the one that is started now cannot drive the target's disks.
/// </summary>
internal sealed partial class BootConfigurationStep : IConversionStep
{
    /// <summary>What stands in front of a setting that we took out of service.</summary>
    private const string Disabled = "# hyper2kvm: device names change with the disk controller, UUIDs do not. Was: ";

    /// <inheritdoc/>
    public string Concern => "boot-configuration";

    /// <inheritdoc/>
    public void Plan(LinuxGuest guest, StepPlan plan, CancellationToken cancel)
    {
        var edits = new TextEdits(guest);
        foreach (var file in guest.Bootloader.ArgumentFiles)
            RewriteArguments(guest, file, plan, edits);
        if (guest.Bootloader is Grub2 grub)
            KeepUuids(grub, edits);
        SetDefault(guest, plan, edits);
        edits.AddTo(plan);
    }

    private static void RewriteArguments(LinuxGuest guest, ArgumentFile file, StepPlan plan, TextEdits edits)
    {
        var devices = new DeviceRewriter(guest.Names, file.Path, plan);
        Rewrite("kernel arguments that do not depend on the disk controller", line => KernelArguments.Rewrite(line, devices));
        if (!guest.Input.Options.KeepSerialConsole)
            Rewrite("the console of Xen is the first serial port of the target", KernelArguments.WithoutXenConsole);

        void Rewrite(string reason, Func<string, string> rewrite)
            => edits.Rewrite(file.Path, reason, text => TextLines.Map(text, line => file.HoldsArguments(line) ? rewrite(line) : line) is var after && after == text ? text : file.Finish(after));
    }

    /// <summary>Settings with which the guest's next own update-grub would bring device names back.</summary>
    private static void KeepUuids(Grub2 grub, TextEdits edits)
    {
        foreach (var path in grub.Defaults())
        {
            edits.Rewrite(
                path,
                "the guest's next update-grub keeps names that do not depend on the disk controller",
                text => TextLines.Map(text, line => DisablesUuids().IsMatch(line) ? Disabled + line : line));
        }
    }

    private static void SetDefault(LinuxGuest guest, StepPlan plan, TextEdits edits)
    {
        if (guest.StartedKernel == guest.DefaultKernel || guest.StartedKernel is null)
            return;
        if (guest.Bootloader.Entries.FirstOrDefault(entry => entry.Image is { } image && guest.DefaultKernel.Images.Contains(image)) is { } entry)
        {
            guest.Bootloader.SetDefault(entry, edits);
            plan.Note($"{guest.DefaultKernel.Version} is started from now on: {guest.StartedKernel.Version} cannot drive virtio disks", guest.Bootloader.ConfigurationPath);
            return;
        }

        throw new StepException(
            ErrorCodes.ConvertKernel,
            $"{guest.Bootloader.ConfigurationPath}: the kernel {guest.StartedKernel.Version} is started, which cannot drive virtio disks; {guest.DefaultKernel.Version} can, but no entry starts it",
            "Make a new menu in the guest (update-grub, grub2-mkconfig), so that it offers that kernel.");
    }

    [GeneratedRegex("""^\s*(?:export\s+)?GRUB_DISABLE_(?:LINUX_)?UUID=["']?true["']?\s*(?:#.*)?$""")]
    private static partial Regex DisablesUuids();
}
