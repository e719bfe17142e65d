using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Boot;
using Hyper2Kvm.Helpers.Convert.Linux.Devices;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Initramfs;

/// <summary>Puts the drivers of the target into the initramfs of every installed kernel. No program of the guest is run for it.</summary>
internal sealed class InitramfsStep : IConversionStep
{
    private const long LargestFile = 512L * 1024 * 1024;

    /// <inheritdoc/>
    public string Concern => "initramfs";

    /// <inheritdoc/>
    public void Plan(LinuxGuest guest, StepPlan plan, CancellationToken cancel)
    {
        foreach (var kernel in guest.Kernels)
        {
            if (kernel.InitramfsPath is not { } path)
            {
                RequireBuiltIn(guest, kernel, plan);
                continue;
            }

            try
            {
                PlanOne(guest, kernel, Target(guest.Files, path), plan, cancel);
            }
            catch (InitramfsFormatException unusable)
            {
                throw new StepException(ErrorCodes.ConvertInitramfs, $"{path}: {unusable.Message}", inner: unusable);
            }
        }
    }

    private static void PlanOne(LinuxGuest guest, InstalledKernel kernel, string path, StepPlan plan, CancellationToken cancel)
    {
        var interrupted = !guest.Files.HasFile(path);
        var source = interrupted ? InitramfsFile.Kept(path) : path;
        if (guest.Files.HasFile(InitramfsFile.New(path)))
            plan.Edit(new DeleteFile(InitramfsFile.New(path), "left behind by a conversion that was killed"));
        var image = InitramfsImage.Read(guest.Files.ReadBounded(source, LargestFile), cancel);
        var content = Wanted(guest, kernel, image, path, plan, cancel);
        if (content.IsEmpty)
        {
            plan.Note($"the kernel {kernel.Version} has all drivers in its initramfs or built in", path);
            if (interrupted)
                plan.Edit(new RenameFile(source, path, "put back what a conversion that was killed left under another name"));
            return;
        }

        var composed = InitramfsComposer.Compose(image, content, cancel);
        InitramfsCheck.Require(composed, kernel, guest.Block.Modules, content, guest.Files, cancel);
        var mode = guest.Files.Status(source)?.Mode ?? 0x1A4;
        var how = InitramfsComposer.IsRewritten(image) ? "packed again" : "added as a second archive, which lsinitramfs does not list";
        plan.Edit(new WriteFile(InitramfsFile.New(path), $"{string.Join("; ", content.Reasons)} ({image.Compression.ToString().ToLowerInvariant()}, {how})", composed, IsText: false)
        {
            Mode = mode,
            ReportedPath = path,
        });
        if (!interrupted)
            plan.Edit(new RenameFile(path, InitramfsFile.Kept(path), "the initramfs as it was is kept; remove it once the guest runs"));
        plan.Edit(new RenameFile(InitramfsFile.New(path), path, "the new initramfs takes its place"));
        plan.Edit(RecordedHash.Of(guest.Files, kernel.Version, path, composed));
    }

    private static InitramfsContent Wanted(LinuxGuest guest, InstalledKernel kernel, InitramfsImage image, string path, StepPlan plan, CancellationToken cancel)
    {
        var content = new InitramfsContent();
        var drivers = new InitramfsDrivers(guest.Files, kernel, image);
        var missing = drivers.Missing(guest.Block.Modules);
        if (missing.Count > 0)
        {
            var tree = Directory.CreateDirectory(Path.Combine(guest.Input.ToolDirectory, $"modules-{Guid.NewGuid():N}"));
            try
            {
                drivers.Add(missing, content, tree.FullName, cancel);
            }
            finally
            {
                tree.Delete(recursive: true);
            }

            InitramfsSettings.LoadByName(image, content, guest.Block.Modules.Where(name => kernel.Modules.PathOf(name) is not null));
        }

        InitramfsSettings.FreeOfDeviceNames(image, content, new DeviceRewriter(guest.Names, path, plan));
        InterfaceNames.Add(guest, image, content);
        return content;
    }

    /// <summary>A kernel without an initramfs boots only with the drivers of its root built in: the default one is refused here rather than found dead on the target.</summary>
    private static void RequireBuiltIn(LinuxGuest guest, InstalledKernel kernel, StepPlan plan)
    {
        var modules = guest.Block.RootModules.Where(name => !kernel.Modules.IsBuiltIn(name)).ToList();
        if (modules.Count == 0)
            return;
        var message = $"the kernel {kernel.Version} has no initramfs, and {string.Join(", ", modules)} are no part of it: it cannot find its root on the target";
        var hint = $"Run update-initramfs -c -k {kernel.Version} in the guest.";
        if (kernel == guest.DefaultKernel)
            throw new StepException(ErrorCodes.ConvertKernel, $"{kernel.ImagePath}: {message}", hint);
        plan.Warn(message, kernel.ImagePath, hint);
    }

    /// <summary>The file that a link names, since renaming the link would leave what it names behind.</summary>
    private static string Target(IGuestFiles files, string path)
        => files.ReadLink(path) is not { } target ? path
            : target.StartsWith('/') ? target
            : $"{path[..path.LastIndexOf('/')]}/{target}";
}
