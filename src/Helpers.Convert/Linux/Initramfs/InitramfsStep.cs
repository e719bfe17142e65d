using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Boot;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Initramfs;

/// <summary>Puts the drivers of the target into the initramfs of every installed kernel. No program of the guest is run for it, unless the user asks for <see cref="GuestRebuild"/>.</summary>
internal sealed class InitramfsStep : IConversionStep
{
    /// <summary>No initramfs is larger; nor is a unified kernel image.</summary>
    public const long LargestFile = 512L * 1024 * 1024;

    /// <inheritdoc/>
    public string Concern => "initramfs";

    /// <inheritdoc/>
    public void Plan(LinuxGuest guest, StepPlan plan, CancellationToken cancel)
    {
        var isRebuilt = GuestRebuild.IsAskedFor(guest.Input.Options);
        foreach (var kernel in guest.Kernels)
        {
            if (kernel.InitramfsPaths.Count == 0 && !kernel.Images.Any(UnifiedImage.IsNamedAs))
                RequireBuiltIn(guest, kernel, plan);
            foreach (var path in kernel.InitramfsPaths)
            {
                if (isRebuilt)
                {
                    GuestRebuild.Plan(guest, kernel, path, plan, cancel);
                    continue;
                }

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
        if (guest.Files.HasFile(InitramfsFile.New(path)))
            plan.Edit(new DeleteFile(InitramfsFile.New(path), "left behind by a conversion that was killed"));
        var file = guest.Files.ReadBounded(source, LargestFile);
        var image = InitramfsImage.Read(file, cancel);
        var content = InitramfsWants.Of(guest, kernel, image, path, plan, cancel);
        if (content.IsEmpty)
        {
            guest.Checked.Add(kernel.Version, file);
            plan.Note($"the kernel {kernel.Version} has all drivers in its initramfs or built in", path);
            if (interrupted)
                plan.Edit(new RenameFile(source, path, "put back what a conversion that was killed left under another name"));
            return;
        }

        var composed = InitramfsComposer.Compose(image, content, cancel);
        InitramfsCheck.Require(composed, kernel, guest.Block.Modules, content, guest.Files, cancel);
        guest.Checked.Add(kernel.Version, composed);
        var how = InitramfsComposer.IsRewritten(image) ? "packed again" : "added as a second archive, which lsinitramfs does not list";
        var reason = $"{string.Join("; ", content.Reasons)} ({image.Compression.ToString().ToLowerInvariant()}, {how})";
        Replace(guest.Files, plan, path, source, composed, reason);
        plan.Edit(RecordedHash.Of(guest.Files, kernel.Version, path, composed));
    }

    /// <summary>Puts a new file in the place of one that is kept: at no time is there none, or half of one, under its name for longer than two renames take.</summary>
    /// <param name="files">The guest.</param>
    /// <param name="plan">Where the edits go.</param>
    /// <param name="path">The file.</param>
    /// <param name="source">Where it is now: under its name, or where a conversion that was killed kept it.</param>
    /// <param name="content">Its new content.</param>
    /// <param name="reason">Why.</param>
    public static void Replace(IGuestFiles files, StepPlan plan, string path, string source, byte[] content, string reason)
    {
        plan.Edit(new WriteFile(InitramfsFile.New(path), reason, content, IsText: false)
        {
            Mode = files.Status(source)?.Mode ?? 0x1A4,
            ReportedPath = path,
        });
        if (source == path)
            plan.Edit(new RenameFile(path, InitramfsFile.Kept(path), "the file as it was is kept; remove it once the guest runs"));
        plan.Edit(new RenameFile(InitramfsFile.New(path), path, "the new file takes its place"));
    }

    /// <summary>A kernel without an initramfs boots only with the drivers of its root built in: the default one is refused here rather than found dead on the target.</summary>
    private static void RequireBuiltIn(LinuxGuest guest, InstalledKernel kernel, StepPlan plan)
    {
        var modules = guest.Block.RootModules.Where(name => !kernel.Modules.IsBuiltIn(name)).ToList();
        if (modules.Count == 0)
            return;
        var message = $"the kernel {kernel.Version} has no initramfs, and {string.Join(", ", modules)} are no part of it: it cannot find its root on the target";
        var hint = $"Run {RebuildCommand.Of(guest.Files, kernel.Version)} in the guest.";
        if (kernel == guest.DefaultKernel)
            throw new StepException(ErrorCodes.ConvertKernel, $"{kernel.ImagePath}: {message}", hint);
        plan.Warn(message, kernel.ImagePath, hint);
    }
}
