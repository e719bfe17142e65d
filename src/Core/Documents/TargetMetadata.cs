namespace Hyper2Kvm.Core.Documents;

/// <summary>The machine as the target shall have it (<c>metadata.out</c>).</summary>
public sealed record TargetMetadata : IDocument
{
    /// <inheritdoc/>
    public static string SchemaName => "hyper2kvm/metadata.out/1";

    /// <inheritdoc/>
    public static string FileName => "metadata.out";

    /// <summary>Always <c>hyper2kvm/metadata.out/1</c>.</summary>
    public required string Schema { get; init; }

    /// <summary>Name of the guest on the target.</summary>
    public required string Name { get; init; }

    /// <summary>SMBIOS UUID.</summary>
    public Guid? Uuid { get; init; }

    /// <summary>VM generation id.</summary>
    public Guid? GenerationId { get; init; }

    /// <summary>Memory in bytes.</summary>
    public long MemoryBytes { get; init; }

    /// <summary>Processors.</summary>
    public CpuMetadata Cpu { get; init => field = value ?? new(); } = new();

    /// <summary>Firmware; never <see cref="Firmware.Unknown"/>.</summary>
    public Firmware Firmware { get; init; }

    /// <summary>Secure boot.</summary>
    public bool SecureBoot { get; init; }

    /// <summary>TPM, where there is one.</summary>
    public TpmMetadata? Tpm { get; init; }

    /// <summary>Fixed disks in the guest's order.</summary>
    public IReadOnlyList<TargetDisk> Disks { get; init => field = value ?? []; } = [];

    /// <summary>Removable drives.</summary>
    public IReadOnlyList<RemovableMetadata> Removables { get; init => field = value ?? []; } = [];

    /// <summary>Network cards; every one has a MAC.</summary>
    public IReadOnlyList<NicMetadata> Nics { get; init => field = value ?? []; } = [];

    /// <summary>Display.</summary>
    public DisplayMetadata? Display { get; init; }

    /// <summary>Sound card model.</summary>
    public string? Sound { get; init; }

    /// <summary>What the converted guest can drive.</summary>
    public GuestCapabilities Capabilities { get; init => field = value ?? new(); } = new();

    /// <summary>What system it is.</summary>
    public OperatingSystemMetadata? OperatingSystem { get; init; }
}

/// <summary>One disk of the guest on the target.</summary>
public sealed record TargetDisk
{
    /// <summary>Place among the guest's disks, from 0: disk N goes to <c>outN</c>.</summary>
    public int Index { get; init; }

    /// <summary>Bus on the target.</summary>
    public DiskBus Bus { get; init; }

    /// <summary>Size that the guest sees, bytes.</summary>
    public long VirtualBytes { get; init; }

    /// <summary>Boot order from 1, for the disk that holds the bootloader.</summary>
    public int? BootOrder { get; init; }

    /// <summary>Serial number that the guest sees.</summary>
    public string? Serial { get; init; }

    /// <summary>Digest of what was copied, <c>ALGORITHM:HEX</c>, where it was taken.</summary>
    public string? Digest { get; init; }
}

/// <summary>What the converted guest can drive.</summary>
public sealed record GuestCapabilities
{
    /// <summary>Bus for its disks.</summary>
    public DiskBus BlockBus { get; init => field = value == DiskBus.Unknown ? DiskBus.VirtioBlk : value; } = DiskBus.VirtioBlk;

    /// <summary>Network card model, <c>virtio</c>, <c>e1000</c> or <c>rtl8139</c>.</summary>
    public string NicModel { get; init => field = value ?? "virtio"; } = "virtio";

    /// <summary>Machine type, <c>q35</c>, <c>pc</c> or <c>virt</c>.</summary>
    public string Machine { get; init => field = value ?? "q35"; } = "q35";

    /// <summary>Architecture as libvirt names it, <c>x86_64</c>.</summary>
    public string Architecture { get; init => field = value ?? "x86_64"; } = "x86_64";

    /// <summary>virtio-rng.</summary>
    public bool Rng { get; init; }

    /// <summary>virtio-balloon.</summary>
    public bool Balloon { get; init; }

    /// <summary>virtio-vsock.</summary>
    public bool Vsock { get; init; }

    /// <summary>pvpanic.</summary>
    public bool PvPanic { get; init; }

    /// <summary>The guest knows only the virtio devices from before version 1.0 of the specification (legacy, or transitional).</summary>
    public bool LegacyVirtio { get; init; }

    /// <summary>Real-time clock of the guest: <c>utc</c> or <c>localtime</c>.</summary>
    public string Clock { get; init => field = value ?? "utc"; } = "utc";
}

/// <summary>What system a guest runs.</summary>
public sealed record OperatingSystemMetadata
{
    /// <summary><c>linux</c> or <c>windows</c>.</summary>
    public required string Family { get; init; }

    /// <summary>Distribution id, as os-release has it (<c>debian</c>); <c>windows</c>.</summary>
    public string? Distribution { get; init; }

    /// <summary>Version, as os-release's VERSION_ID; of Windows its release by its build, <c>10</c>, <c>11</c>, <c>server-2022</c>.</summary>
    public string? Version { get; init; }

    /// <summary>Name for people.</summary>
    public string? ProductName { get; init; }

    /// <summary>Host name of the guest.</summary>
    public string? HostName { get; init; }

    /// <summary>Where its root is, as the source named it (<c>/dev/sda1</c>).</summary>
    public string? Root { get; init; }
}
