using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Devices;

/// <summary>Removes caches of device names: they are made again, and while stale they hide volumes (blkid(8), lvmdevices(8)).</summary>
/// <remarks>
/// LVM's list of devices is one too: an entry of type sys_wwid or sys_serial is held to the identity of the disk and never looked for elsewhere, and
/// without the file LVM sees every disk. <c>vgimportdevices -a</c> makes a new one.
/// </remarks>
internal sealed class DeviceCacheStep : IConversionStep
{
    private static readonly string[] Caches =
    [
        "/etc/blkid.tab", "/etc/blkid/blkid.tab", "/run/blkid/blkid.tab", "/var/run/blkid/blkid.tab", "/etc/lvm/cache/.cache",
    ];

    /// <inheritdoc/>
    public string Concern => "device-caches";

    /// <inheritdoc/>
    public void Plan(LinuxGuest guest, StepPlan plan, CancellationToken cancel)
    {
        foreach (var cache in Caches.Where(guest.Files.HasFile))
            plan.Edit(new DeleteFile(cache, "a cache of device names of the source; it is made again"));
        const string LvmDevices = "/etc/lvm/devices/system.devices";
        if (guest.Files.HasFile(LvmDevices))
            plan.Edit(new DeleteFile(LvmDevices, "it lets LVM see only disks with the identities of the source; without it LVM sees all disks, and vgimportdevices -a makes a new one"));
    }
}
