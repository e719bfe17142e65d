using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Devices;

/// <summary>Frees <c>/etc/fstab</c> of device names, and keeps what may be absent from stopping the boot (fstab(5), systemd.mount(5)).</summary>
/// <remarks>
/// A disk that is missing is reported and its line left: <c>nofail</c> would turn a mistake that is seen at once, a disk that was not named, into
/// data written to the directory below the mount point.
/// </remarks>
internal sealed class FstabStep : IConversionStep
{
    private const string Path = "/etc/fstab";

    /// <summary>Shared folders of VMware, VirtualBox and Parallels: there is nobody to serve them any more.</summary>
    private static readonly string[] SharedFolderTypes = ["vmhgfs", "fuse.vmhgfs-fuse", "vmhgfs-fuse", "vboxsf", "prl_fs", "fuse.prl_fsd"];

    /// <summary>Options whose value is a device, which mount and systemd take as a path only (xfs(5), ext4(5), btrfs(5), systemd.mount(5)).</summary>
    private static readonly string[] DeviceOptions = ["device", "logdev", "rtdev", "journal_path", "x-systemd.requires", "x-systemd.after", "x-systemd.before"];

    /// <inheritdoc/>
    public string Concern => "fstab";

    /// <inheritdoc/>
    public void Plan(LinuxGuest guest, StepPlan plan, CancellationToken cancel)
    {
        if (guest.Files.ReadText(Path) is not { } text)
        {
            plan.Warn("the guest has no /etc/fstab", Path);
            return;
        }

        foreach (var family in guest.Names.Untrusted)
            plan.Warn($"it cannot be told which disks the names that begin with {family} count, beside those of other kinds; they were left as they are", Path, "Name these volumes by UUID in the guest.");
        var devices = new DeviceRewriter(guest.Names, Path, plan);
        plan.Edit(GuestText.Rewrite(Path, "names of volumes that do not depend on the disk controller; nothing that may be absent stops the boot", text, before => TextLines.Map(before, line => Rewrite(line, devices))));
    }

    private static string Rewrite(string text, DeviceRewriter devices)
    {
        var line = new TableLine(text);
        if (line.Count < 2)
            return text;
        var spec = TableLine.Unescape(line[0]);
        if (IsSharedFolder(spec, line[2]))
            return WithNoFail(text);
        if (RemovableDrive.Is(spec) || RemovableDrive.IsOpticalType(line[2]))
            return WithNoFail(OnOpticalDrive(text, spec));
        var replaced = devices.Replace(spec, text);
        return WithoutDeviceOptions(replaced == spec ? text : line.With(0, replaced), devices);
    }

    private static bool IsSharedFolder(string spec, string type)
        => SharedFolderTypes.Contains(type) || spec.StartsWith(".host:", StringComparison.Ordinal) || (type == "fuse" && spec.StartsWith("vmhgfs-fuse", StringComparison.Ordinal));

    /// <summary>The drive that old kernels called <c>hdc</c> is on SATA now.</summary>
    private static string OnOpticalDrive(string text, string spec)
        => SourceDevice.Parse(spec) is { Family: "hd" } ? new TableLine(text).With(0, "/dev/sr0") : text;

    /// <summary>A line that waits for nothing, or is mounted by hand, needs nothing.</summary>
    private static string WithNoFail(string text)
    {
        var line = new TableLine(text);
        if (line.Count < 3)
            return text;
        if (line.Count < 4)
            return line.With(3, "defaults,nofail");
        return line[3].Split(',').Any(option => option is "nofail" or "noauto") ? text : line.With(3, line[3] + ",nofail");
    }

    private static string WithoutDeviceOptions(string text, DeviceRewriter devices)
    {
        var line = new TableLine(text);
        if (!line[3].Contains("=/dev/", StringComparison.Ordinal))
            return text;
        var options = line[3].Split(',').Select(option => option.Split('=', 2) is [var name, var value] && DeviceOptions.Contains(name) ? $"{name}={devices.ReplacePath(value, text)}" : option);
        return line.With(3, string.Join(',', options));
    }
}
