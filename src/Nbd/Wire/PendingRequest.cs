namespace Hyper2Kvm.Nbd;

/// <summary>A request on its way, and what has come back so far.</summary>
internal sealed unsafe class PendingRequest
{
    private Coverage? _coverage;
    private byte* _destination;

    internal required ulong Cookie { get; init; }

    internal required NbdCommand Command { get; init; }

    internal required NbdCommandFlags Flags { get; init; }

    internal required ulong Offset { get; init; }

    internal required uint Length { get; init; }

    /// <summary>The id of the metadata context that a block status is about.</summary>
    internal uint Context { get; init; }

    internal INbdBufferSource? Buffers { get; init; }

    internal NbdBuffer? Buffer { get; set; }

    internal List<NbdExtent>? Extents { get; set; }

    internal int Errno { get; private set; }

    internal string? ErrorText { get; private set; }

    internal int Chunks { get; set; }

    internal int ErrorChunks { get; set; }

    internal Coverage Coverage => _coverage ??= new Coverage();

    /// <summary>Set for a read into the caller's own memory, which he keeps pinned until the answer.</summary>
    internal byte* Destination
    {
        get
        {
            if (_destination is not null) return _destination;
            Buffer ??= Buffers!.Rent((int)Length);
            return _destination = (byte*)Buffer.Pointer;
        }

        set => _destination = value;
    }

    /// <summary>The first error counts: later ones are often its consequences.</summary>
    internal void Fail(int errno, string? text)
    {
        if (Errno != 0) return;
        Errno = errno;
        ErrorText = text;
    }
}
