using System.Text.Json;
using System.Text.Json.Serialization;

namespace Hyper2Kvm.Core.Documents;

/// <summary>Firmware that a guest boots with.</summary>
[JsonConverter(typeof(FirmwareConverter))]
public enum Firmware
{
    /// <summary>The source does not say; the conversion finds out from the disks.</summary>
    Unknown,

    /// <summary>PC BIOS.</summary>
    Bios,

    /// <summary>UEFI.</summary>
    Uefi,
}

/// <summary>How a disk or drive is attached.</summary>
[JsonConverter(typeof(DiskBusConverter))]
public enum DiskBus
{
    /// <summary>The source does not say.</summary>
    Unknown,

    /// <summary>IDE (PATA).</summary>
    Ide,

    /// <summary>SATA (AHCI).</summary>
    Sata,

    /// <summary>SCSI, any emulated controller of the source.</summary>
    Scsi,

    /// <summary>NVMe.</summary>
    Nvme,

    /// <summary>virtio-blk.</summary>
    VirtioBlk,

    /// <summary>virtio-scsi.</summary>
    VirtioScsi,

    /// <summary>Xen's paravirtual disk.</summary>
    Xen,

    /// <summary>Floppy controller.</summary>
    Floppy,
}

/// <summary>Processors of a guest.</summary>
public sealed record CpuMetadata
{
    /// <summary>Virtual processors in all.</summary>
    public int Count { get; init => field = value > 0 ? value : 1; } = 1;

    /// <summary>Sockets, where the source has a topology.</summary>
    public int? Sockets { get; init; }

    /// <summary>Cores a socket.</summary>
    public int? Cores { get; init; }

    /// <summary>Threads a core.</summary>
    public int? Threads { get; init; }

    /// <summary>Vendor that the source asks for.</summary>
    public string? Vendor { get; init; }

    /// <summary>Model that the source asks for.</summary>
    public string? Model { get; init; }
}

/// <summary>Trusted platform module of a guest.</summary>
public sealed record TpmMetadata
{
    /// <summary>Specification version, <c>1.2</c> or <c>2.0</c>.</summary>
    public string Version { get; init => field = value ?? "2.0"; } = "2.0";

    /// <summary>Device model, where the source names one.</summary>
    public string? Model { get; init; }
}

/// <summary>One fixed disk of a guest as its source has it.</summary>
public sealed record DiskMetadata
{
    /// <summary>Place among the guest's disks, from 0: disk N is behind the socket <c>inN</c>.</summary>
    public int Index { get; init; }

    /// <summary>Bus at the source.</summary>
    public DiskBus Bus { get; init; }

    /// <summary>Controller number on the bus.</summary>
    public int? Controller { get; init; }

    /// <summary>Slot or unit on the controller.</summary>
    public int? Slot { get; init; }

    /// <summary>Format of the source file: <c>raw</c>, <c>vmdk</c>, <c>vpc</c>, <c>vhdx</c>, <c>vdi</c>, <c>qcow2</c>.</summary>
    public required string Format { get; init; }

    /// <summary>Size that the guest sees, bytes.</summary>
    public long VirtualBytes { get; init; }

    /// <summary>Path or URI of the source.</summary>
    public required string Path { get; init; }

    /// <summary>Serial number that the guest sees.</summary>
    public string? Serial { get; init; }
}

/// <summary>A drive with a removable medium.</summary>
public sealed record RemovableMetadata
{
    /// <summary><c>cdrom</c> or <c>floppy</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Bus at the source.</summary>
    public DiskBus Bus { get; init; }

    /// <summary>Slot or unit.</summary>
    public int? Slot { get; init; }
}

/// <summary>One network card.</summary>
public sealed record NicMetadata
{
    /// <summary>MAC address, lower case with colons; missing where the source has none (a bare disk).</summary>
    public string? Mac { get; init; }

    /// <summary>Model: at the source for example <c>vmxnet3</c>; on the target <c>virtio</c> or <c>e1000</c>.</summary>
    public string? Model { get; init; }

    /// <summary><c>network</c> or <c>bridge</c>.</summary>
    public string Kind { get; init => field = value ?? "network"; } = "network";

    /// <summary>Name of the network or bridge.</summary>
    public string Source { get; init => field = value ?? "default"; } = "default";

    /// <summary>Slot at the source, for the order of cards.</summary>
    public int? Slot { get; init; }
}

/// <summary>Display of a guest.</summary>
public sealed record DisplayMetadata
{
    /// <summary><c>vnc</c>, <c>spice</c> or <c>window</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Keyboard layout.</summary>
    public string? Keymap { get; init; }
}

/// <summary>Firmware in lower case, as all words of the documents are.</summary>
internal sealed class FirmwareConverter() : JsonStringEnumConverter<Firmware>(JsonNamingPolicy.CamelCase);

/// <summary>Buses in lower case, as all words of the documents are.</summary>
internal sealed class DiskBusConverter() : JsonStringEnumConverter<DiskBus>(JsonNamingPolicy.CamelCase);
