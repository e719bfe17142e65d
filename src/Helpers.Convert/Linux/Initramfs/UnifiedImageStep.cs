using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Helpers.Convert.Linux.Boot;
using Hyper2Kvm.Helpers.Convert.Linux.Devices;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Initramfs;

/// <summary>Does for unified kernel images what is done for initramfs files and menus. A signed one cannot be changed: what it lacks is said, and refused where the guest could not boot.</summary>
internal sealed class UnifiedImageStep : IConversionStep
{
    /// <inheritdoc/>
    public string Concern => "unified-image";

    /// <inheritdoc/>
    public void Plan(LinuxGuest guest, StepPlan plan, CancellationToken cancel)
    {
        foreach (var kernel in guest.Kernels)
        {
            foreach (var path in kernel.Images.Where(UnifiedImage.IsNamedAs))
            {
                try
                {
                    PlanOne(guest, kernel, path, plan, cancel);
                }
                catch (InitramfsFormatException unusable)
                {
                    throw new StepException(ErrorCodes.ConvertInitramfs, $"{path}: {unusable.Message}", unusable.Hint, unusable);
                }
            }
        }
    }

    private static void PlanOne(LinuxGuest guest, InstalledKernel kernel, string path, StepPlan plan, CancellationToken cancel)
    {
        var interrupted = !guest.Files.HasFile(path);
        var source = interrupted ? InitramfsFile.Kept(path) : path;
        var before = UnifiedImage.Read(guest.Files.ReadBounded(source, InitramfsStep.LargestFile)) ?? throw new InitramfsFormatException("it is no unified kernel image");
        var after = before;
        var reasons = new List<string>();
        IReadOnlyList<string> lacking = [];
        if (before.Initramfs is { } initramfs)
        {
            var image = InitramfsImage.Read(initramfs, cancel);
            lacking = new InitramfsDrivers(guest.Files, kernel, image).Missing(guest.Block.RootModules);
            var content = InitramfsWants.Of(guest, kernel, image, path, plan, cancel);
            if (!content.IsEmpty)
            {
                var composed = InitramfsComposer.Compose(image, content, cancel);
                InitramfsCheck.Require(composed, kernel, guest.Block.Modules, content, guest.Files, cancel);
                guest.Checked.Add(kernel.Version, composed);
                after = after.With(".initrd", composed);
                reasons.AddRange(content.Reasons);
            }
        }

        if (before.Arguments is { } arguments && KernelArguments.Rewrite(arguments, new DeviceRewriter(guest.Names, path, plan)) is var rewritten && rewritten != arguments)
        {
            after = after.With(".cmdline", GuestText.Bytes(rewritten));
            reasons.Add("kernel arguments that do not depend on the disk controller");
        }

        if (reasons.Count == 0)
            plan.Note($"the kernel {kernel.Version} has all drivers in its unified image or built in", path);
        else if (before.IsSigned)
            Refuse(guest, kernel, path, lacking, reasons, plan);
        else
            InitramfsStep.Replace(guest.Files, plan, path, source, after.ToArray(), string.Join("; ", reasons));
    }

    private static void Refuse(LinuxGuest guest, InstalledKernel kernel, string path, IReadOnlyList<string> lacking, List<string> reasons, StepPlan plan)
    {
        const string Hint = "Build it in the guest with the drivers virtio_pci and virtio_blk (dracut: add_drivers; mkinitcpio: MODULES) and root=UUID=…, sign it, and convert again.";
        if (lacking.Count > 0 && kernel == guest.DefaultKernel && kernel.ImagePath == path)
            throw new StepException(ErrorCodes.ConvertInitramfs, $"{path}: it is signed, so that its initramfs cannot be changed, and that lacks {string.Join(", ", lacking.Select(ModuleName.Of))}: the guest would not find its root", Hint);
        plan.Refuse($"it is signed and was left as it is; it would have got {string.Join("; ", reasons)}", path, Hint);
    }
}
