namespace Hyper2Kvm.Core.Documents;

/// <summary>Whether a guest's image can boot on KVM, told without booting it (<c>verification.json</c>, <c>hyper2kvm verify --json</c>). Nothing was written to find it.</summary>
public sealed record GuestVerification : IDocument
{
    /// <inheritdoc/>
    public static string SchemaName => "hyper2kvm/verification/1";

    /// <inheritdoc/>
    public static string FileName => "verification.json";

    /// <summary>Always <c>hyper2kvm/verification/1</c>.</summary>
    public required string Schema { get; init; }

    /// <summary>Name of the guest, as its source has it.</summary>
    public required string Name { get; init; }

    /// <summary>The system that was looked at.</summary>
    public OperatingSystemMetadata? OperatingSystem { get; init; }

    /// <summary>What mounted its file systems, and why that.</summary>
    public ReportBackend? Backend { get; init; }

    /// <summary>What was found.</summary>
    public required VerificationResult Result { get; init; }

    /// <summary>Wall time of each part, seconds.</summary>
    public IReadOnlyList<ReportTiming> Timings { get; init => field = value ?? []; } = [];
}

/// <summary>What a verification found.</summary>
public sealed record VerificationResult
{
    /// <summary>What keeps the guest from booting, and what a person should know; errors first. Empty for a sound guest.</summary>
    public IReadOnlyList<VerificationFinding> Findings { get; init => field = value ?? []; } = [];

    /// <summary>The file systems that were checked with their own tools.</summary>
    public IReadOnlyList<CheckedFileSystem> FileSystems { get; init => field = value ?? []; } = [];
}

/// <summary>One thing that a verification found.</summary>
public sealed record VerificationFinding
{
    /// <summary><c>error</c>: the guest does not boot, or not whole; <c>warning</c>: a person should know.</summary>
    public required string Severity { get; init; }

    /// <summary>Which check found it: <c>system bootloader firmware kernel initramfs arguments fstab crypttab network files file-system</c>.</summary>
    public required string Check { get; init; }

    /// <summary>File, volume or menu entry that it is about.</summary>
    public required string Object { get; init; }

    /// <summary>What is wrong.</summary>
    public required string Message { get; init; }

    /// <summary>What to do about it.</summary>
    public required string Remedy { get; init; }
}

/// <summary>A file system that its own tool looked through.</summary>
public sealed record CheckedFileSystem
{
    /// <summary>Its volume, <c>/dev/sda1</c>.</summary>
    public required string Device { get; init; }

    /// <summary>Its kind, <c>ext4</c>.</summary>
    public required string Type { get; init; }

    /// <summary><c>clean</c>, <c>errors</c>, <c>unfinished</c> (the time was over) or <c>unchecked</c>.</summary>
    public required string State { get; init; }

    /// <summary>What the tool said, or why it was not asked.</summary>
    public string? Note { get; init; }

    /// <summary>What it took, seconds.</summary>
    public double Seconds { get; init; }
}
