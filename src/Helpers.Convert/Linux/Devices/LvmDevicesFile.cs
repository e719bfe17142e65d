using System.Text.RegularExpressions;

namespace Hyper2Kvm.Helpers.Convert.Linux.Devices;

/// <summary>LVM's list of devices (lvmdevices(8)), where it cannot be removed: inside an initramfs, whose files are replaced and added, never taken out.</summary>
internal static partial class LvmDevicesFile
{
    /// <summary>An <c>lvmlocal.conf</c> by which the list is passed over, so that LVM sees all disks; its settings go before those of lvm.conf.</summary>
    /// <param name="local">Its text; empty where there is none.</param>
    public static string Ignored(string local)
        => Setting().IsMatch(local) ? Setting().Replace(local, "${head}0")
            : $"{local}{(local.Length == 0 || local.EndsWith('\n') ? string.Empty : "\n")}devices/use_devicesfile=0\n";

    [GeneratedRegex("""^(?<head>[^#\n]*\buse_devicesfile[ \t]*=[ \t]*)[0-9]+""", RegexOptions.Multiline)]
    private static partial Regex Setting();
}
