using System.Text.RegularExpressions;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Devices;

/// <summary>
/// Frees the settings of initramfs-tools of device names: <c>RESUME=/dev/sda2</c> makes every boot wait half a minute for a
/// disk that never comes (initramfs-tools(7), scripts/local-premount/resume).
/// </summary>
internal sealed partial class ResumeStep : IConversionStep
{
    private const string Directory = "/etc/initramfs-tools/conf.d";

    /// <inheritdoc/>
    public string Concern => "resume";

    /// <inheritdoc/>
    public void Plan(LinuxGuest guest, StepPlan plan, CancellationToken cancel)
    {
        var files = guest.Files.List(Directory).Select(name => $"{Directory}/{name}").Prepend("/etc/initramfs-tools/initramfs.conf");
        foreach (var path in files)
        {
            if (guest.Files.ReadText(path) is { } text)
            {
                var devices = new DeviceRewriter(guest.Names, path, plan);
                plan.Edit(GuestText.Rewrite(path, "a name of the swap volume that does not depend on the disk controller", text, before => Rewrite(before, devices)));
            }
        }
    }

    /// <summary>Rewrites <c>RESUME=</c> and <c>ROOT=</c> of shell-like settings, in <c>/etc</c> or inside an initramfs.</summary>
    /// <param name="text">Their text.</param>
    /// <param name="devices">Replaces device names.</param>
    public static string Rewrite(string text, DeviceRewriter devices)
        => Setting().Replace(text, match => match.Groups["key"].Value + devices.Replace(match.Groups["device"].Value, match.Value));

    [GeneratedRegex("""^(?<key>[ \t]*(?:export[ \t]+)?(?:RESUME|ROOT)=["']?)(?<device>/dev/[^\s"'#]+)""", RegexOptions.Multiline)]
    private static partial Regex Setting();
}
