using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Helpers.Output.Disks;
using Hyper2Kvm.Helpers.Output.Libvirt;

namespace Hyper2Kvm.Helpers.Output.Qemu;

/// <summary>Arguments of QEMU for disks and drives.</summary>
internal static class QemuDisks
{
    /// <summary>The arguments, as lines of the script.</summary>
    /// <param name="guest">The guest.</param>
    /// <param name="sources">Where its disks are.</param>
    public static IEnumerable<string> Arguments(TargetMetadata guest, IReadOnlyList<DiskSource> sources)
    {
        var can = guest.Capabilities;
        var bootOrders = DomainDisks.BootOrders(guest.Disks);
        if (guest.Disks.Any(disk => DomainDisks.BusOf(disk.Bus, can) == "scsi"))
        {
            yield return $"-device virtio-scsi-pci{QemuScript.Transitional(can)},id=scsi0";
        }

        var port = 0;
        foreach (var disk in guest.Disks)
        {
            var source = sources.Single(candidate => candidate.Disk == disk.Index);
            var file = ShellText.InDoubleQuotes(ShellText.OptionValue(source.FileName));
            var device = DomainDisks.BusOf(disk.Bus, can) switch
            {
                "virtio" => $"virtio-blk-pci{QemuScript.Transitional(can)}",
                "scsi" => "scsi-hd,bus=scsi0.0",
                _ => AtaDevice("ide-hd", can, port++),
            };
            yield return $"-drive if=none,id=disk{disk.Index},format={source.Format}{(source.Discard ? ",discard=unmap" : string.Empty)},file=\"$there/{file}\"";
            yield return $"-device {device},drive=disk{disk.Index}"
                + (bootOrders.GetValueOrDefault(disk.Index) is { } order ? $",bootindex={order}" : string.Empty)
                + (disk.Serial is { } serial ? $",serial={ShellText.Quote(ShellText.OptionValue(serial))}" : string.Empty);
        }

        foreach (var drive in guest.Removables)
        {
            yield return drive.Kind == "floppy"
                ? can.Machine == "q35" ? "-device isa-fdc -device floppy" : "-device floppy"
                : can.Machine == "virt" ? "-device usb-storage" : $"-device {AtaDevice("ide-cd", can, port++)}";
        }
    }

    /// <summary>i440fx has two IDE channels of two drives; q35 has six SATA ports, each a bus of one drive.</summary>
    private static string AtaDevice(string device, GuestCapabilities can, int port)
        => can.Machine == "pc" ? $"{device},bus=ide.{port / 2},unit={port % 2}" : $"{device},bus=ide.{port}";
}
