namespace Hyper2Kvm.Daemon.Outcome.Deduplication;

/// <summary>A guest that was converted, or failed for good: a row of <c>processed_files</c>.</summary>
internal sealed record ProcessedFile
{
    /// <summary><see cref="Status"/> of a guest that is ready.</summary>
    public const string Success = "success";

    /// <summary><see cref="Status"/> of a guest that failed for good.</summary>
    public const string Failed = "failed";

    /// <summary>Name of its first file.</summary>
    public required string FileName { get; init; }

    /// <summary>Path of its first file, as it was.</summary>
    public required string FilePath { get; init; }

    /// <summary>Bytes of all its files.</summary>
    public required long FileSize { get; init; }

    /// <summary>Hashes of the content, where they were computed.</summary>
    public string? Md5Hash { get; init; }

    /// <inheritdoc cref="Md5Hash"/>
    public string? Sha256Hash { get; init; }

    /// <summary>See <see cref="SourceIdentity"/>; <see langword="null"/> in records of older databases.</summary>
    public string? Identity { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset ProcessedAt { get; init; }

    /// <summary>Where the guest is.</summary>
    public string? OutputPath { get; init; }

    /// <summary><see cref="Success"/> or <see cref="Failed"/>.</summary>
    public required string Status { get; init; }
}
