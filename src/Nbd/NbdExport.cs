namespace Hyper2Kvm.Nbd;

/// <summary>What the handshake told about an export: proto.md, NBD_OPT_GO and NBD_OPT_SET_META_CONTEXT.</summary>
public sealed record NbdExport
{
    /// <summary>The size in bytes. Any value: not always a multiple of 512.</summary>
    public required ulong Size { get; init; }

    /// <summary>What the export can do.</summary>
    public required NbdTransmissionFlags Flags { get; init; }

    /// <summary>Alignment and limits of requests, in bytes.</summary>
    public NbdBlockSize BlockSize { get; init; } = NbdBlockSize.Default;

    /// <summary>NBD_INFO_NAME: the name the server gives the export (the default export's real name), if it said.</summary>
    public string? CanonicalName { get; init; }

    /// <summary>NBD_INFO_DESCRIPTION, if the server gave one.</summary>
    public string? Description { get; init; }

    /// <summary>Structured replies were agreed on; without them there is no block status.</summary>
    public bool StructuredReplies { get; init; }

    /// <summary>The metadata contexts that the server granted, name to id (<c>base:allocation</c> to 1, say).</summary>
    public IReadOnlyDictionary<string, uint> MetaContexts { get; init; } = new Dictionary<string, uint>();

    /// <summary>The end of the block that a range ends in, at most the end of the disk: requests are made of whole blocks.</summary>
    /// <param name="end">Of the range, in bytes.</param>
    public ulong WholeBlocks(ulong end) => Math.Min(Size, (end + BlockSize.Minimum - 1) / BlockSize.Minimum * BlockSize.Minimum);

    /// <summary>Several connections may be used at once: NBD_FLAG_CAN_MULTI_CONN.</summary>
    public bool MultiConn => Flags.HasFlag(NbdTransmissionFlags.MultiConn);

    /// <summary>The export refuses writes.</summary>
    public bool ReadOnly => Flags.HasFlag(NbdTransmissionFlags.ReadOnly);
}
