using System.Xml.Linq;
using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Helpers.Output.Disks;

namespace Hyper2Kvm.Helpers.Output.Libvirt;

/// <summary>Fixed disks, removable drives and their controllers (https://libvirt.org/formatdomain.html#hard-drives-floppy-disks-cdroms).</summary>
internal static class DomainDisks
{
    /// <summary>Disks in the guest's order, then drives, then the controllers that libvirt would not choose itself.</summary>
    /// <param name="guest">The guest.</param>
    /// <param name="sources">Where its disks are.</param>
    public static IEnumerable<XElement> Build(TargetMetadata guest, IReadOnlyList<DiskSource> sources)
    {
        var names = new TargetNames();
        var bootOrders = BootOrders(guest.Disks);
        var elements = guest.Disks
            .Select(disk => Fixed(guest.Capabilities, disk, sources.Single(source => source.Disk == disk.Index), bootOrders.GetValueOrDefault(disk.Index), names))
            .ToList();
        elements.AddRange(guest.Removables.Select(drive => Removable(guest.Capabilities, drive, names)));
        if (guest.Disks.Any(disk => BusOf(disk.Bus, guest.Capabilities) == "scsi"))
        {
            var model = DomainDevices.VirtioModel(guest.Capabilities) == "virtio" ? "virtio-scsi" : "virtio-transitional";
            elements.Add(new XElement("controller", new XAttribute("type", "scsi"), new XAttribute("index", 0), new XAttribute("model", model)));
        }

        return elements;
    }

    /// <summary>Boot order by disk index. Where the conversion names no disk the first one boots, as on the source.</summary>
    /// <param name="disks">The disks.</param>
    public static IReadOnlyDictionary<int, int?> BootOrders(IReadOnlyList<TargetDisk> disks)
        => disks.All(disk => disk.BootOrder is null)
            ? disks.Take(1).ToDictionary(disk => disk.Index, _ => (int?)1)
            : disks.ToDictionary(disk => disk.Index, disk => disk.BootOrder);

    /// <summary>Bus as libvirt names it. q35 has no IDE: there it becomes SATA, as virt-v2v has it.</summary>
    /// <param name="bus">Bus that the guest is to have.</param>
    /// <param name="can">What it can drive.</param>
    public static string BusOf(DiskBus bus, GuestCapabilities can) => bus switch
    {
        DiskBus.VirtioBlk => "virtio",
        DiskBus.VirtioScsi or DiskBus.Scsi => "scsi",
        DiskBus.Ide when can.Machine == "pc" => "ide",
        DiskBus.Unknown when can.BlockBus != DiskBus.Unknown => BusOf(can.BlockBus, can),
        _ => "sata",
    };

    private static XElement Fixed(GuestCapabilities can, TargetDisk disk, DiskSource source, int? bootOrder, TargetNames names)
    {
        var bus = BusOf(disk.Bus, can);
        return new XElement(
            "disk",
            new XAttribute("type", source.Pool is null ? "file" : "volume"),
            new XAttribute("device", "disk"),
            bus == "virtio" && DomainDevices.VirtioModel(can) is not "virtio" and var model ? new XAttribute("model", model) : null,
            new XElement(
                "driver",
                new XAttribute("name", "qemu"),
                new XAttribute("type", source.Format),
                source.Discard ? new XAttribute("discard", "unmap") : null),
            source.Pool is { } pool
                ? new XElement("source", new XAttribute("pool", pool), new XAttribute("volume", source.FileName))
                : new XElement("source", new XAttribute("file", source.Path)),
            new XElement("target", new XAttribute("dev", names.Next(bus)), new XAttribute("bus", bus)),
            disk.Serial is { } serial ? new XElement("serial", serial) : null,
            bootOrder is { } order ? new XElement("boot", new XAttribute("order", order)) : null);
    }

    /// <summary>An empty drive: the medium of the source is not part of the guest.</summary>
    private static XElement Removable(GuestCapabilities can, RemovableMetadata drive, TargetNames names)
    {
        var isFloppy = drive.Kind == "floppy";
        var bus = isFloppy ? "fdc" : can.Machine == "pc" ? "ide" : can.Machine == "q35" ? "sata" : "scsi";
        return new XElement(
            "disk",
            new XAttribute("type", "file"),
            new XAttribute("device", isFloppy ? "floppy" : "cdrom"),
            new XElement("driver", new XAttribute("name", "qemu"), new XAttribute("type", "raw")),
            new XElement("target", new XAttribute("dev", names.Next(bus)), new XAttribute("bus", bus)),
            isFloppy ? null : new XElement("readonly"));
    }
}
