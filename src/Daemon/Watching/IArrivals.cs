using Hyper2Kvm.Daemon.Jobs;

namespace Hyper2Kvm.Daemon.Watching;

/// <summary>Takes what the watch folder has brought.</summary>
internal interface IArrivals
{
    /// <summary>Whether an entry of the watch folder belongs to a job already, so that nobody looks at it.</summary>
    /// <param name="entry">Absolute path, directly in the watch folder.</param>
    bool IsTaken(string entry);

    /// <summary>A guest is complete: all its files are there and have stopped growing.</summary>
    /// <param name="source">The guest.</param>
    void Complete(SourceGroup source);

    /// <summary>A guest is not complete after <c>file_stable_timeout</c> without growth, or lacks files; told once for each cause.</summary>
    /// <param name="entry">Absolute path, directly in the watch folder.</param>
    /// <param name="reason">What it waits for, with the remedy.</param>
    void Waiting(string entry, string reason);
}
