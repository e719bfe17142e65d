using Hyper2Kvm.Helpers.Convert.Linux.Boot;

namespace Hyper2Kvm.Helpers.Convert.Linux.Initramfs;

/// <summary>Says what an initramfs is to get.</summary>
internal static class InitramfsWants
{
    /// <summary>Drivers that it lacks with their indexes, settings free of device names, names of network cards.</summary>
    /// <param name="guest">The guest.</param>
    /// <param name="kernel">The kernel that it is for.</param>
    /// <param name="image">The initramfs.</param>
    /// <param name="path">The file that holds it, for messages.</param>
    /// <param name="plan">Where warnings go.</param>
    /// <param name="cancel">Stops tools of the host.</param>
    public static InitramfsContent Of(LinuxGuest guest, InstalledKernel kernel, InitramfsImage image, string path, StepPlan plan, CancellationToken cancel)
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

            DriverLoading.Ensure(image, content, kernel, guest.Block.Modules);
        }

        InitramfsSettings.FreeOfDeviceNames(guest, image, content, path, plan);
        InterfaceNames.Add(guest, image, content);
        return content;
    }
}
