namespace Hyper2Kvm.Copy;

/// <summary>Told what happens. Calls come from worker threads, one at a time per disk.</summary>
internal interface ICopyObserver
{
    /// <summary>The disk is open on both ends.</summary>
    /// <param name="task">The disk.</param>
    /// <param name="size">Its size in bytes.</param>
    void Started(CopyTask task, ulong size);

    /// <summary>So much is settled: copied, or known to be zero.</summary>
    /// <param name="task">The disk.</param>
    /// <param name="done">Bytes; never less than before.</param>
    /// <param name="total">The size in bytes.</param>
    void Progress(CopyTask task, ulong done, ulong total);

    /// <summary>Something that a person should know; the copy goes on.</summary>
    /// <param name="task">The disk.</param>
    /// <param name="message">What it is.</param>
    void Warned(CopyTask task, string message);

    /// <summary>So much of the target was read back.</summary>
    /// <param name="task">The disk.</param>
    /// <param name="done">Bytes; never less than before.</param>
    /// <param name="total">The size in bytes.</param>
    void ReadBack(CopyTask task, ulong done, ulong total);

    /// <summary>All of the disk is on the target, flushed.</summary>
    /// <param name="task">The disk.</param>
    /// <param name="result">What was moved.</param>
    void Finished(CopyTask task, CopyResult result);

    /// <summary>All of the disk was read back from the target, and is what was read from the source.</summary>
    /// <param name="task">The disk.</param>
    /// <param name="digest">Of its content, <c>ALGORITHM:HEX</c>.</param>
    void Verified(CopyTask task, string digest);
}
