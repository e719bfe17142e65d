namespace Hyper2Kvm.Nbd;

/// <summary>A request that the server has answered.</summary>
public readonly record struct NbdCompletion
{
    /// <summary>What <c>Submit…</c> returned: proto.md's "cookie" (formerly "handle").</summary>
    public required ulong Cookie { get; init; }

    /// <summary>What was asked.</summary>
    public required NbdCommand Command { get; init; }

    /// <summary>Where, in bytes.</summary>
    public required ulong Offset { get; init; }

    /// <summary>How much, in bytes.</summary>
    public required uint Length { get; init; }

    /// <summary>The buffer of a read, with <see cref="Length"/> bytes in it; null if the read failed before a byte came.</summary>
    public NbdBuffer? Buffer { get; init; }

    /// <summary>The failure that the server reported, or null.</summary>
    public NbdServerException? Error { get; init; }
}
