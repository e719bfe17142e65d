namespace Hyper2Kvm.Core.Documents;

/// <summary>Everything that the conversion changed, and what it refused (<c>report.json</c>).</summary>
public sealed record ConversionReport : IDocument
{
    /// <inheritdoc/>
    public static string SchemaName => "hyper2kvm/report/1";

    /// <inheritdoc/>
    public static string FileName => "report.json";

    /// <summary>Always <c>hyper2kvm/report/1</c>.</summary>
    public required string Schema { get; init; }

    /// <summary>What system was converted.</summary>
    public OperatingSystemMetadata? OperatingSystem { get; init; }

    /// <summary>Every change, in the order in which it was made. Empty when the guest was converted before.</summary>
    public IReadOnlyList<ReportChange> Changes { get; init => field = value ?? []; } = [];

    /// <summary>What was left alone on purpose.</summary>
    public IReadOnlyList<ReportNote> Refused { get; init => field = value ?? []; } = [];

    /// <summary>What a person should know.</summary>
    public IReadOnlyList<ReportNote> Warnings { get; init => field = value ?? []; } = [];

    /// <summary>What was decided without changing a file (names kept, drivers found inside).</summary>
    public IReadOnlyList<ReportNote> Notes { get; init => field = value ?? []; } = [];

    /// <summary>What mounted its file systems, and why that.</summary>
    public ReportBackend? Backend { get; init; }

    /// <summary>Volumes of the guest and how they were opened.</summary>
    public IReadOnlyList<ReportVolume> Volumes { get; init => field = value ?? []; } = [];

    /// <summary>What the verification of the finished image found; missing where the conversion failed before it.</summary>
    public VerificationResult? Verification { get; init; }

    /// <summary>Wall time of each part, seconds.</summary>
    public IReadOnlyList<ReportTiming> Timings { get; init => field = value ?? []; } = [];
}

/// <summary>One change in the guest.</summary>
public sealed record ReportChange
{
    /// <summary>Which conversion step made it, for example <c>fstab</c>.</summary>
    public required string Concern { get; init; }

    /// <summary><c>create</c>, <c>edit</c>, <c>delete</c>, <c>rename</c>, <c>copy</c>, <c>link</c>, <c>mkdir</c>, <c>chmod</c>, <c>label</c> or <c>run</c>.</summary>
    public required string Action { get; init; }

    /// <summary>File of the guest, or registry key.</summary>
    public required string Path { get; init; }

    /// <summary>Why, and what exactly, in a sentence for people.</summary>
    public required string Reason { get; init; }

    /// <summary>Lines taken out and put in, each with <c>-</c> or <c>+</c> before it; for text files only.</summary>
    public IReadOnlyList<string>? Lines { get; init; }

    /// <summary>Length before, bytes.</summary>
    public long? BytesBefore { get; init; }

    /// <summary>Length after, bytes.</summary>
    public long? BytesAfter { get; init; }
}

/// <summary>Something that a person should know.</summary>
public sealed record ReportNote
{
    /// <summary>Which conversion step says it.</summary>
    public required string Concern { get; init; }

    /// <summary>File or thing that it is about.</summary>
    public string? Path { get; init; }

    /// <summary>What it is.</summary>
    public required string Message { get; init; }

    /// <summary>What to do about it.</summary>
    public string? Hint { get; init; }
}

/// <summary>One volume of the guest.</summary>
public sealed record ReportVolume
{
    /// <summary>Name as the guest's kernel would give it at the source: <c>/dev/sda1</c>, <c>/dev/md0</c>, <c>/dev/GROUP/VOLUME</c>.</summary>
    public required string Device { get; init; }

    /// <summary>Indexes of the guest's disks that it lies on, in their order.</summary>
    public IReadOnlyList<int> Disks { get; init; } = [];

    /// <summary>What it holds: <c>ext4</c>, <c>swap</c>, <c>vfat</c> …</summary>
    public string? Type { get; init; }

    /// <summary>UUID of the file system.</summary>
    public string? Uuid { get; init; }

    /// <summary>Where it was mounted in the guest.</summary>
    public string? MountPoint { get; init; }

    /// <summary>How it was opened, where that was not the normal way, or why it was not.</summary>
    public string? Note { get; init; }
}

/// <summary>What mounted the guest's file systems.</summary>
public sealed record ReportBackend
{
    /// <summary><c>direct</c> or <c>appliance</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Why that one, for people.</summary>
    public required string Reason { get; init; }
}

/// <summary>Wall time of one part.</summary>
public sealed record ReportTiming
{
    /// <summary>Which part.</summary>
    public required string Name { get; init; }

    /// <summary>Wall time in seconds.</summary>
    public double Seconds { get; init; }
}
