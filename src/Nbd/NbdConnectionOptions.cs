namespace Hyper2Kvm.Nbd;

/// <summary>How to connect. The defaults suit a server on this machine.</summary>
public sealed record NbdConnectionOptions
{
    /// <summary>The metadata context of allocation: proto.md, "base:allocation metadata context".</summary>
    public const string BaseAllocation = "base:allocation";

    /// <summary>The longest wait for any one answer but that to a flush, or for the server to take bytes. Default: one minute.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// The longest wait for the answer to a flush, which comes when all that the server has in its caches is on the disk: at 10 MB/s
    /// 18 GB in the default, half an hour. A server that ends is noticed at once, over TCP a host that is gone within a minute.
    /// </summary>
    public TimeSpan FlushTimeout { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>
    /// The metadata contexts to ask for, for instance <c>qemu:dirty-bitmap:NAME</c>. Those that the server does not
    /// have are left out of <see cref="NbdExport.MetaContexts"/>. Default: <see cref="BaseAllocation"/>.
    /// </summary>
    public IReadOnlyList<string> MetaContexts { get; init; } = [BaseAllocation];

    /// <summary>Ask for structured replies (needed for metadata contexts). Off only to test or to please a broken server.</summary>
    public bool StructuredReplies { get; init; } = true;

    /// <summary>The clock of the deadlines.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
