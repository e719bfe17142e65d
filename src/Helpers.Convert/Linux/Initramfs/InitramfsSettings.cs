using System.Text.RegularExpressions;
using Hyper2Kvm.Helpers.Convert.Linux.Boot;
using Hyper2Kvm.Helpers.Convert.Linux.Devices;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Initramfs;

/// <summary>Settings that an initramfs carries copies of: its copies are as stale as the files in <c>/etc</c> were (initramfs-tools(7)).</summary>
internal static partial class InitramfsSettings
{
    /// <summary>Frees the copies of device names.</summary>
    /// <param name="image">The initramfs.</param>
    /// <param name="content">Where new copies go.</param>
    /// <param name="devices">Replaces device names.</param>
    public static void FreeOfDeviceNames(InitramfsImage image, InitramfsContent content, DeviceRewriter devices)
    {
        foreach (var path in image.Paths)
        {
            var isCrypttab = path == "cryptroot/crypttab";
            if (!isCrypttab && !Settings().IsMatch(path))
                continue;
            if (image.Content(path) is not { } bytes)
                continue;
            var text = System.Text.Encoding.Latin1.GetString(bytes.Span);
            var rewritten = isCrypttab ? CrypttabStep.Rewrite(text, devices) : ResumeStep.Rewrite(text, devices);
            if (rewritten != text && content.Put(image, path, GuestText.Bytes(rewritten)))
                content.Because($"{path} without names of the source's disks");
        }
    }

    /// <summary>
    /// Has the drivers loaded by name too. With right indexes udev loads them by modalias, but <c>MODULES=list</c> and images
    /// without udev load only what <c>conf/modules</c> says (scripts/functions, load_modules).
    /// </summary>
    /// <param name="image">The initramfs.</param>
    /// <param name="content">Where the new list goes.</param>
    /// <param name="drivers">Module names.</param>
    public static void LoadByName(InitramfsImage image, InitramfsContent content, IEnumerable<string> drivers)
    {
        const string List = "conf/modules";
        if (image.Content(List) is not { } bytes)
            return;
        var text = ModuleList.With(System.Text.Encoding.Latin1.GetString(bytes.Span), drivers, comment: null);
        content.Put(image, List, GuestText.Bytes(text));
    }

    [GeneratedRegex("^conf/(?:conf\\.d/[^/]+|initramfs\\.conf|param\\.conf)$")]
    private static partial Regex Settings();
}
