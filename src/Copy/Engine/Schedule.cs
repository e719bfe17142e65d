namespace Hyper2Kvm.Copy;

/// <summary>Hands disks to workers, one range at a time and in turn, so that every disk moves on.</summary>
internal sealed class Schedule(IReadOnlyList<DiskCopy> disks)
{
    private readonly Lock _lock = new();
    private int _next;

    /// <summary>
    /// The next disk that has work and a free lane, reserved for the caller; null when there is none. Those that fewest
    /// work at come first: strictly in turn, all workers would in the end wait for the slowest disk.
    /// </summary>
    internal DiskCopy? Take()
    {
        lock (_lock)
        {
            DiskCopy? best = null;
            var first = _next;
            for (var i = 0; i < disks.Count; i++)
            {
                var disk = disks[(first + i) % disks.Count];
                if (!disk.HasWork || disk.Busy >= best?.Busy) continue;
                best = disk;
                _next = (first + i + 1) % disks.Count;
            }

            if (best is not null) best.Busy++;
            return best;
        }
    }

    /// <summary>The worker is done with its range. True for exactly one caller: he shall finish the disk.</summary>
    internal bool Release(DiskCopy disk)
    {
        lock (_lock)
        {
            disk.Busy--;
            if (disk.IsFinished || !disk.IsSettled) return false;
            return disk.IsFinished = true;
        }
    }
}
