using System.Text.RegularExpressions;
using Hyper2Kvm.Helpers.Convert.Linux.Devices;

namespace Hyper2Kvm.Helpers.Convert.Linux.Boot;

/// <summary>Kernel arguments that hang on the old machine (Documentation/admin-guide/kernel-parameters.txt). All others stay, <c>rd.lvm</c> and <c>rd.luks</c> among them.</summary>
internal static partial class KernelArguments
{
    /// <summary>Replaces the devices of <c>root=</c> and <c>resume=</c> wherever they stand in a piece of text.</summary>
    /// <param name="text">Arguments, or a line that holds them.</param>
    /// <param name="devices">Replaces device names.</param>
    public static string Rewrite(string text, DeviceRewriter devices)
        => DeviceArgument().Replace(text, match => match.Groups["key"].Value + devices.Replace(match.Groups["device"].Value, text));

    /// <summary>Moves a console of Xen to the first serial port, which the target has: a kernel whose last <c>console=</c> has no device shows nothing, and no getty starts.</summary>
    /// <remarks>A console on a serial port stays: the target has one too, and what a person reads there is wanted. So stays <c>tty0</c>.</remarks>
    /// <param name="text">Arguments, or a line that holds them.</param>
    public static string WithoutXenConsole(string text)
    {
        if (!XenConsole().IsMatch(text))
            return text;
        var hasSerial = SerialConsole().IsMatch(text);
        return XenConsole().Replace(text, match =>
        {
            if (hasSerial)
                return string.Empty;
            hasSerial = true;
            return match.Groups["space"].Value + "console=ttyS0";
        });
    }

    [GeneratedRegex("""(?<key>(?<![^\s"'=])(?:root|resume|real_root|cryptdevice|cryptroot|usr|mount\.usr)=)(?<device>/dev/[^\s"':,]+)""")]
    private static partial Regex DeviceArgument();

    [GeneratedRegex("""(?<space>[ \t]*)(?<![^\s"'=])console=(?:hvc|xvc)0(?:,[^\s"']*)?(?![^\s"'])""")]
    private static partial Regex XenConsole();

    [GeneratedRegex("""(?<![^\s"'=])console=ttyS0(?![0-9])""")]
    private static partial Regex SerialConsole();
}
