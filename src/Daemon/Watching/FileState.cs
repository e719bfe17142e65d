using Hyper2Kvm.Daemon.Native;

namespace Hyper2Kvm.Daemon.Watching;

/// <summary>By what a file that still grows, or was replaced, is told from one that rests.</summary>
/// <param name="Bytes">Length.</param>
/// <param name="ModifiedNanoseconds">Time of the last change, nanoseconds since 1970.</param>
/// <param name="Inode">Inode: another one is another file.</param>
/// <param name="Blocks">Allocated blocks of 512 bytes: what grows in a sparse upload whose length was set at its start.</param>
internal readonly record struct FileState(long Bytes, long ModifiedNanoseconds, ulong Inode, long Blocks)
{
    /// <summary>The state that a status tells.</summary>
    /// <param name="status">Status of a file.</param>
    public static FileState Of(PathStatus status) => new(status.Bytes, status.ModifiedNanoseconds, status.Inode, status.Blocks);

    /// <summary>Whether it has the same content, as far as one can tell without reading it. Blocks do not count: file systems allocate and trim long after a file was closed.</summary>
    /// <param name="other">Another state of the same path.</param>
    public bool SameContent(FileState other) => this with { Blocks = 0 } == other with { Blocks = 0 };
}
