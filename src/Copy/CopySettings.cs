using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Nbd;

namespace Hyper2Kvm.Copy;

/// <summary>How to copy. The defaults were chosen by <c>bench/copy</c>.</summary>
internal sealed record CopySettings
{
    /// <summary>Worker threads, and connections to one disk at most; 0: chosen by target and number of disks.</summary>
    internal int Connections { get; init; }

    /// <summary>Bytes of one read or write; a power of two. 0: chosen by target.</summary>
    internal int RequestSize { get; init; }

    /// <summary>Reads in flight per connection; 0: chosen by target.</summary>
    internal int Depth { get; init; }

    /// <summary>The target reads as zeroes everywhere already: zeroes need not be written. Not trusted where a journal tells of an earlier copy.</summary>
    internal bool DestinationIsZero { get; init; }

    /// <summary>Make no holes: all of the target is allocated.</summary>
    internal bool Allocated { get; init; }

    /// <summary>Targets that are files become qcow2 images, made so; null: raw. A server has the format that it serves.</summary>
    internal Qcow2Options? Qcow2 { get; init; }

    /// <summary>Read and write plain files with O_DIRECT where they take it and it is worth it.</summary>
    internal bool Direct { get; init; } = true;

    /// <summary>Flush (and fsync) each target before it is reported as finished. Off only to compare with tools that do not.</summary>
    internal bool Flush { get; init; } = true;

    /// <summary>Bytes a second, all disks together; 0 for no limit.</summary>
    internal long Bandwidth { get; init; }

    /// <summary>Tries of one request that fails with EIO, before the copy fails.</summary>
    internal int Attempts { get; init; } = 5;

    /// <summary>How long to try to reach a source again whose connection was lost; zero: not at all.</summary>
    internal TimeSpan ReconnectFor { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Go on with a source whose server is a new process. Only for servers without an overlay: with one, the changes
    /// that were made in it are gone.
    /// </summary>
    internal bool SourceMayRestart { get; init; }

    /// <summary>The longest wait for any one answer of a server, but that to a flush.</summary>
    internal TimeSpan Timeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The longest wait for a server to put all that it was given on stable storage.</summary>
    internal TimeSpan FlushTimeout { get; init; } = new NbdConnectionOptions().FlushTimeout;

    /// <summary>Go on with what the journal of a disk says that an earlier, killed run has finished; without, begin anew.</summary>
    internal bool Resume { get; init; }

    /// <summary>How long at most finished ranges stay out of a journal, and the target unflushed.</summary>
    internal TimeSpan NoteEvery { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Compute a digest of what is read, read the target back when all is flushed, and compare.</summary>
    internal bool Verify { get; init; }

    /// <summary>The clock of the bandwidth limit and the deadlines.</summary>
    internal TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
