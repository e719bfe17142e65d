using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Devices;

/// <summary>Frees <c>/etc/fstab</c> of device names, and keeps mounts of the old hypervisor from stopping the boot (fstab(5)).</summary>
/// <remarks>Optical drives and floppies are left alone: Debian's installer writes <c>/dev/sr0 /media/cdrom0 … noauto</c>, which harms nothing.</remarks>
internal sealed class FstabStep : IConversionStep
{
    private const string Path = "/etc/fstab";

    /// <summary>Shared folders of VMware and VirtualBox: there is nobody to serve them any more.</summary>
    private static readonly string[] SharedFolderTypes = ["vmhgfs", "fuse.vmhgfs-fuse", "vboxsf"];

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

        var devices = new DeviceRewriter(guest.Names, Path, plan);
        plan.Edit(GuestText.Rewrite(Path, "names of volumes that do not depend on the disk controller", text, before => TextLines.Map(before, line => Rewrite(line, devices))));
    }

    private static string Rewrite(string text, DeviceRewriter devices)
    {
        var line = new TableLine(text);
        if (line.Count < 2)
            return text;
        if (SharedFolderTypes.Contains(line[2]))
            return WithNoFail(line, text);
        var spec = TableLine.Unescape(line[0]);
        var replaced = devices.Replace(spec, text);
        return replaced == spec ? text : line.With(0, replaced);
    }

    private static string WithNoFail(TableLine line, string text)
    {
        if (line.Count < 4)
            return line.With(3, "defaults,nofail");
        return line[3].Split(',').Contains("nofail") ? text : line.With(3, line[3] + ",nofail");
    }
}
