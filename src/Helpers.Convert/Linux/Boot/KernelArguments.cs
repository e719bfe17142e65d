using System.Text.RegularExpressions;
using Hyper2Kvm.Helpers.Convert.Linux.Devices;

namespace Hyper2Kvm.Helpers.Convert.Linux.Boot;

/// <summary>Kernel arguments that name disks (Documentation/admin-guide/kernel-parameters.txt).</summary>
internal static partial class KernelArguments
{
    /// <summary>Replaces the devices of <c>root=</c> and <c>resume=</c> wherever they stand in a piece of text.</summary>
    /// <param name="text">Arguments, or a line that holds them.</param>
    /// <param name="devices">Replaces device names.</param>
    public static string Rewrite(string text, DeviceRewriter devices)
        => DeviceArgument().Replace(text, match => match.Groups["key"].Value + devices.Replace(match.Groups["device"].Value, text));

    [GeneratedRegex("""(?<key>(?<![^\s"'=])(?:root|resume|real_root|cryptdevice)=)(?<device>/dev/[^\s"':,]+)""")]
    private static partial Regex DeviceArgument();
}
