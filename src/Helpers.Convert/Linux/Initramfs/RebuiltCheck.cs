using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Helpers.Convert.Linux.Boot;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Initramfs;

/// <summary>Reads an initramfs that the guest's own tool made, before it counts.</summary>
/// <remarks>
/// The tool saw neither the source's hardware nor the target's, nor on which volumes the root lies. So beside the drivers for the target all is required that the old image
/// reached its root with: drivers of file systems and of what is below them, the programs that open it, and their settings.
/// </remarks>
internal static class RebuiltCheck
{
    private static readonly string[] Layers = ["/kernel/fs/", "/kernel/drivers/md/"];
    private static readonly string[] Programs = ["lvm", "cryptsetup", "systemd-cryptsetup", "mdadm"];
    private static readonly string[] Settings = ["cryptroot/crypttab", "etc/crypttab"];

    /// <summary>Requires that it boots as far as can be told without booting.</summary>
    /// <param name="guest">The guest.</param>
    /// <param name="kernel">The kernel that it is for.</param>
    /// <param name="path">The initramfs.</param>
    /// <param name="old">The file as it was.</param>
    /// <param name="command">What made it, for the message.</param>
    /// <param name="cancel">Stops tools of the host.</param>
    /// <exception cref="StepException">It does not (<see cref="ErrorCodes.ConvertRebuild"/>).</exception>
    public static void Require(LinuxGuest guest, InstalledKernel kernel, string path, ReadOnlyMemory<byte> old, string command, CancellationToken cancel)
    {
        try
        {
            if (!guest.Files.HasFile(path))
                throw new InitramfsFormatException("there is no such file any more");
            var made = guest.Files.ReadBounded(path, InitramfsStep.LargestFile);
            var none = new InitramfsContent();
            InitramfsCheck.Require(made, kernel, guest.Block.Modules, none, guest.Files, cancel);
            var image = InitramfsImage.Read(made, cancel);
            DriverLoading.Ensure(image, none, kernel, guest.Block.RootModules);
            if (!none.IsEmpty)
                throw new InitramfsFormatException($"nothing in it loads {string.Join(", ", guest.Block.RootModules)}");
            if (TryRead(old, cancel) is { } before && Lost(before, image, kernel).ToList() is { Count: > 0 } lost)
                throw new InitramfsFormatException($"it lacks {string.Join(", ", lost)}, which it had before");
        }
        catch (InitramfsFormatException unusable)
        {
            throw new StepException(
                ErrorCodes.ConvertRebuild,
                $"{path}: {command} made an initramfs that would not boot on the target: {unusable.Message}; the old one was put back",
                "Leave out --rebuild-initramfs=guest: the initramfs is edited then, and keeps all that it has.",
                unusable);
        }
    }

    /// <summary>An old image that nobody can read is why the tool was run.</summary>
    private static InitramfsImage? TryRead(ReadOnlyMemory<byte> file, CancellationToken cancel)
    {
        try
        {
            return InitramfsImage.Read(file, cancel);
        }
        catch (InitramfsFormatException)
        {
            return null;
        }
    }

    private static IEnumerable<string> Lost(InitramfsImage before, InitramfsImage after, InstalledKernel kernel)
    {
        var (had, has) = (Parts(before), Parts(after));
        return had.Where(part => !has.Contains(part) && !kernel.Modules.IsBuiltIn(part));
    }

    /// <summary>Module names of those layers, names of programs, paths of settings.</summary>
    private static SortedSet<string> Parts(InitramfsImage image)
    {
        var modules = image.Paths.Where(path => ModuleName.IsModule(path) && Layers.Any(layer => path.Contains(layer, StringComparison.Ordinal))).Select(ModuleName.Of);
        var programs = image.Paths.Where(path => image.TryGet(path, out _)).Select(path => path[(path.LastIndexOf('/') + 1)..]).Where(Programs.Contains);
        var settings = Settings.Where(path => image.Content(path) is { IsEmpty: false });
        return new SortedSet<string>(modules.Concat(programs).Concat(settings), StringComparer.Ordinal);
    }
}
