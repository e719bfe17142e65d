using System.Text.RegularExpressions;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Devices;

/// <summary>
/// Tells of files that name disks of the source and are not edited: what they mean is for people to say, and the guest boots without them
/// (settings of drives, scripts, rules of udev).
/// </summary>
internal sealed partial class DeviceMentionsStep : IConversionStep
{
    /// <summary>Most lines of one file that are told.</summary>
    private const int MostLines = 5;

    private static readonly string[] Paths =
    [
        "/etc/hdparm.conf", "/etc/smartd.conf", "/etc/smartmontools/smartd.conf", "/etc/default/smartmontools", "/etc/sysconfig/smartmontools",
        "/etc/sysconfig/rawdevices", "/etc/sysconfig/oracleasm", "/etc/rc.local", "/etc/rc.d/rc.local", "/etc/init.d/boot.local", "/etc/crontab", "/etc/raidtab",
    ];

    private static readonly string[] Directories = ["/etc/drbd.d", "/etc/cron.d", "/etc/tuned"];

    /// <inheritdoc/>
    public string Concern => "device-mentions";

    /// <inheritdoc/>
    public void Plan(LinuxGuest guest, StepPlan plan, CancellationToken cancel)
    {
        foreach (var path in Paths.Concat(Directories.SelectMany(directory => In(guest.Files, directory))))
        {
            Tell(guest, plan, path, line => Device().Matches(line).FirstOrDefault(name => VolumeNames.IsControllerName(name.Value)) is { } name
                ? guest.Names.OnTarget(name.Value) is { } now ? $"{name.Value} is {now} now" : $"{name.Value} is not there any more"
                : null);
        }

        foreach (var path in In(guest.Files, "/etc/udev/rules.d").Where(path => path.EndsWith(".rules", StringComparison.Ordinal)))
            Tell(guest, plan, path, line => DiskRule().IsMatch(line) && Assignment().IsMatch(line) ? "the rule knows disks by what the source's controller told of them" : null);
    }

    private static IEnumerable<string> In(IGuestFiles files, string directory) => files.List(directory).Select(name => $"{directory}/{name}");

    private static void Tell(LinuxGuest guest, StepPlan plan, string path, Func<string, string?> find)
    {
        if (guest.Files.ReadTextOrWarn(path, plan) is not { } text)
            return;
        var found = text.Replace("\\\n", " ", StringComparison.Ordinal).Split('\n')
            .Where(line => !line.TrimStart().StartsWith('#'))
            .Select(line => find(line) is { } what ? $"{what}: {line.Trim()}" : null)
            .OfType<string>()
            .Take(MostLines)
            .ToList();
        foreach (var line in found)
            plan.Warn(line, path, "Change the line in the guest if it is still needed.");
    }

    [GeneratedRegex("""/dev/[^\s"',;:|)}]+""")]
    private static partial Regex Device();

    [GeneratedRegex("""(?:KERNELS?=="(?:sd|hd|xvd|nvme|\[[a-z]+\]d)|ENV\{ID_(?:PATH|SERIAL|SERIAL_SHORT|WWN|SCSI_SERIAL|MODEL|VENDOR)[A-Z_]*\}==|ATTRS?\{(?:vendor|model|wwid|serial)\}==|scsi_id)""")]
    private static partial Regex DiskRule();

    [GeneratedRegex("""(?:NAME|SYMLINK|OWNER|GROUP|RUN(?:\{[a-z]+\})?)\+?:?="|ATTR\{[^}]+\}="(?!=)""")]
    private static partial Regex Assignment();
}
