using System.Text.RegularExpressions;
using Hyper2Kvm.Helpers.Convert.Linux.Boot;
using Hyper2Kvm.Helpers.Convert.Linux.Devices;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Initramfs;

/// <summary>Settings that an initramfs carries copies of: its copies are as stale as the files in <c>/etc</c> were.</summary>
/// <remarks>
/// initramfs-tools(7): <c>conf</c>, <c>cryptroot/crypttab</c>. dracut, host-only: kernel arguments in <c>etc/cmdline.d</c>, hooks that wait for a device
/// (dracut-lib.sh, wait_for_dev). SUSE's mkinitrd: <c>rootdev</c> and <c>resumedev</c> of <c>config</c>, by-id names of the controller's disks by default.
/// </remarks>
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
            if (RewriterOf(path) is not { } rewrite || image.Content(path) is not { } bytes)
                continue;
            var text = System.Text.Encoding.Latin1.GetString(bytes.Span);
            var rewritten = rewrite(text, devices);
            if (rewritten != text && content.Put(image, path, GuestText.Bytes(rewritten)))
                content.Because($"{path} without names of the source's disks");
        }
    }

    private static Func<string, DeviceRewriter, string>? RewriterOf(string path)
        => path is "cryptroot/crypttab" or "etc/crypttab" ? CrypttabStep.Rewrite
            : ToolsSettings().IsMatch(path) ? ResumeStep.Rewrite
            : DracutArguments().IsMatch(path) ? KernelArguments.Rewrite
            : DracutHook().IsMatch(path) ? (text, devices) => QuotedDevice().Replace(text, match => AsPath(match, devices))
            : SuseSettings().IsMatch(path) ? (text, devices) => SuseDevice().Replace(text, match => AsPath(match, devices))
            : null;

    /// <summary>Shell scripts test for files: a UUID there is the link that udev makes for it.</summary>
    private static string AsPath(Match match, DeviceRewriter devices)
        => match.Groups["head"].Value + (devices.Replace(match.Groups["device"].Value, match.Value).Split('=', 2) switch
        {
            [var tag, var value] => $"/dev/disk/by-{tag.ToLowerInvariant()}/{value}",
            var path => path[0],
        });

    [GeneratedRegex("^conf/(?:conf\\.d/[^/]+|initramfs\\.conf|param\\.conf)$")]
    private static partial Regex ToolsSettings();

    [GeneratedRegex("^etc/(?:cmdline\\.d/[^/]+\\.conf|cmdline)$")]
    private static partial Regex DracutArguments();

    [GeneratedRegex("^(?:usr/|var/)?lib/dracut/hooks/(?:initqueue/finished/devexists-|emergency/)[^/]+\\.sh$")]
    private static partial Regex DracutHook();

    [GeneratedRegex("""(?<head>")(?<device>/dev/[^"\\\s]+)(?=")""")]
    private static partial Regex QuotedDevice();

    [GeneratedRegex("^config/[^/]+\\.sh$")]
    private static partial Regex SuseSettings();

    [GeneratedRegex("""^(?<head>(?:root|resume|journal|usr)dev=["']?)(?<device>/dev/[^\s"']+)""", RegexOptions.Multiline)]
    private static partial Regex SuseDevice();
}
