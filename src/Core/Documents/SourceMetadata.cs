namespace Hyper2Kvm.Core.Documents;

/// <summary>The whole machine as its source had it (<c>metadata.in</c>).</summary>
public sealed record SourceMetadata : IDocument
{
    /// <inheritdoc/>
    public static string SchemaName => "hyper2kvm/metadata.in/1";

    /// <inheritdoc/>
    public static string FileName => "metadata.in";

    /// <summary>Always <c>hyper2kvm/metadata.in/1</c>.</summary>
    public required string Schema { get; init; }

    /// <summary>Name of the guest.</summary>
    public required string Name { get; init; }

    /// <summary>Hypervisor that it comes from, where known: <c>vmware</c>, <c>hyperv</c>, <c>virtualbox</c>, <c>xen</c>, <c>kvm</c>.</summary>
    public string? Hypervisor { get; init; }

    /// <summary>SMBIOS UUID.</summary>
    public Guid? Uuid { get; init; }

    /// <summary>VM generation id, in the byte order of libvirt's <c>genid</c>.</summary>
    public Guid? GenerationId { get; init; }

    /// <summary>Memory in bytes.</summary>
    public long MemoryBytes { get; init => field = value > 0 ? value : 2048L * 1024 * 1024; } = 2048L * 1024 * 1024;

    /// <summary>Processors.</summary>
    public CpuMetadata Cpu { get; init => field = value ?? new(); } = new();

    /// <summary>Firmware.</summary>
    public Firmware Firmware { get; init; }

    /// <summary>Secure boot, where the source says.</summary>
    public bool? SecureBoot { get; init; }

    /// <summary>TPM, where there is one.</summary>
    public TpmMetadata? Tpm { get; init; }

    /// <summary>Fixed disks in the guest's order.</summary>
    public IReadOnlyList<DiskMetadata> Disks { get; init => field = value ?? []; } = [];

    /// <summary>Removable drives.</summary>
    public IReadOnlyList<RemovableMetadata> Removables { get; init => field = value ?? []; } = [];

    /// <summary>Network cards in slot order.</summary>
    public IReadOnlyList<NicMetadata> Nics { get; init => field = value ?? []; } = [];

    /// <summary>Display.</summary>
    public DisplayMetadata? Display { get; init; }

    /// <summary>Sound card model.</summary>
    public string? Sound { get; init; }
}
