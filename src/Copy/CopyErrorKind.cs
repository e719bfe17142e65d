namespace Hyper2Kvm.Copy;

/// <summary>What kind of failure ended a copy.</summary>
internal enum CopyErrorKind
{
    /// <summary>The source could not be opened.</summary>
    SourceOpen,

    /// <summary>The source failed a read, or the question for its extents.</summary>
    SourceRead,

    /// <summary>The target could not be opened or made.</summary>
    TargetOpen,

    /// <summary>The target failed a write, a zero or a flush.</summary>
    TargetWrite,

    /// <summary>The target has no space left.</summary>
    TargetFull,

    /// <summary>The target is smaller than the source.</summary>
    TargetTooSmall,

    /// <summary>A connection ended, was silent for too long, or broke the protocol.</summary>
    Connection,

    /// <summary>The target does not read back as it was written.</summary>
    Verify,
}
