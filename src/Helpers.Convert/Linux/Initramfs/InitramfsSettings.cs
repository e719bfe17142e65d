using System.Text.RegularExpressions;
using Hyper2Kvm.Helpers.Convert.Linux.Boot;
using Hyper2Kvm.Helpers.Convert.Linux.Devices;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Initramfs;

/// <summary>Settings that an initramfs carries copies of: its copies are as stale as the files in <c>/etc</c> were.</summary>
/// <remarks>
/// initramfs-tools(7): <c>conf</c>, <c>cryptroot/crypttab</c>. dracut, host-only: kernel arguments in <c>etc/cmdline.d</c>, hooks that wait for a device
/// (dracut-lib.sh, wait_for_dev). All of them: LVM's and mdadm's own. SUSE's mkinitrd: <c>rootdev</c> and <c>resumedev</c> of <c>config</c>, by-id names of the controller's disks by default.
/// </remarks>
internal static partial class InitramfsSettings
{
    private const string LvmDevices = "etc/lvm/devices/system.devices";
    private const string LvmLocal = "etc/lvm/lvmlocal.conf";

    /// <summary>Frees the copies of device names.</summary>
    /// <param name="guest">The guest.</param>
    /// <param name="image">The initramfs.</param>
    /// <param name="content">Where new copies go.</param>
    /// <param name="file">The file that holds the initramfs, for messages.</param>
    /// <param name="plan">Where warnings go.</param>
    public static void FreeOfDeviceNames(LinuxGuest guest, InitramfsImage image, InitramfsContent content, string file, StepPlan plan)
    {
        var devices = new DeviceRewriter(guest.Names, file, plan);
        var seesAll = image.Content(LvmDevices) is { IsEmpty: false };
        foreach (var path in image.Paths.Concat(seesAll && image.Content(LvmLocal) is null ? [LvmLocal] : []).ToList())
        {
            if (RewriterOf(path, guest, devices, seesAll) is not { } rewrite)
                continue;
            var text = System.Text.Encoding.Latin1.GetString((image.Content(path) ?? default).Span);
            if (TryRewrite(rewrite, text, path, file, plan) is { } rewritten && rewritten != text && content.Put(image, path, GuestText.Bytes(rewritten)))
                content.Because($"{path} without names of the source's disks");
        }
    }

    private static Func<string, string>? RewriterOf(string path, LinuxGuest guest, DeviceRewriter devices, bool seesAll) => path switch
    {
        "cryptroot/crypttab" or "etc/crypttab" => text => CrypttabStep.Rewrite(text, devices),
        "etc/mdadm/mdadm.conf" or "etc/mdadm.conf" => text => MdadmStep.Rewrite(text, guest.Names, devices),
        "etc/lvm/lvm.conf" => text => LvmFilterStep.Rewrite(text, guest.Input.Volumes),
        LvmLocal => text => LvmFilterStep.Rewrite(seesAll ? LvmDevicesFile.Ignored(text) : text, guest.Input.Volumes),
        _ when ToolsSettings().IsMatch(path) => text => ResumeStep.Rewrite(text, devices),
        _ when DracutArguments().IsMatch(path) => text => KernelArguments.Rewrite(text, devices),
        _ when DracutHook().IsMatch(path) => text => QuotedDevice().Replace(text, match => AsPath(match, devices)),
        _ when SuseSettings().IsMatch(path) => text => SuseDevice().Replace(text, match => AsPath(match, devices)),
        _ => null,
    };

    /// <summary>A filter of LVM that is not understood stays, as that in <c>/etc</c> does.</summary>
    private static string? TryRewrite(Func<string, string> rewrite, string text, string path, string file, StepPlan plan)
    {
        try
        {
            return rewrite(text);
        }
        catch (FormatException unread)
        {
            plan.Warn($"the filter in its {path} was not understood and left as it is: {unread.Message}", file, LvmFilterStep.Remedy);
            return null;
        }
    }

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
