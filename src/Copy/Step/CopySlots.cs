using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Work;

namespace Hyper2Kvm.Copy.Step;

/// <summary>The turn of one run among all that copy on this host: as many locks as disks may be copied at once. A run that is killed gives its locks back by dying.</summary>
internal sealed class CopySlots : IDisposable
{
    /// <summary>A disk takes seconds at least: this is soon enough to see that one is done.</summary>
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(100);

    private readonly List<FileLock> _locks;

    private CopySlots(List<FileLock> locks, int count) => (_locks, Count) = (locks, count);

    /// <summary>How many disks may be copied now, at least one.</summary>
    public int Count { get; }

    /// <summary>Waits for a turn.</summary>
    /// <param name="copy">What the job says: where the locks are, and how many.</param>
    /// <param name="wanted">How many disks could be copied at once.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="IOException">The locks cannot be used.</exception>
    public static CopySlots Take(JobCopy copy, int wanted, CancellationToken cancel)
    {
        if (copy is not { Slots: > 0, SlotDirectory: { } directory })
        {
            return new CopySlots([], wanted);
        }

        Directory.CreateDirectory(directory);
        while (true)
        {
            cancel.ThrowIfCancellationRequested();
            var taken = Free(directory, copy.Slots, wanted);
            if (taken.Count > 0)
            {
                return new CopySlots(taken, taken.Count);
            }

            cancel.WaitHandle.WaitOne(Again);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _locks.ForEach(held => held.Dispose());

    private static List<FileLock> Free(string directory, int slots, int wanted)
    {
        var taken = new List<FileLock>();
        for (var slot = 0; slot < slots && taken.Count < wanted; slot++)
        {
            if (FileLock.TryAlone(Path.Combine(directory, $"slot{slot}")) is { } held)
            {
                taken.Add(held);
            }
        }

        return taken;
    }
}
