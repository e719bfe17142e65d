namespace Hyper2Kvm.Copy;

/// <summary>Hands disks to workers, one range at a time and in turn, so that every disk moves on.</summary>
internal sealed class Schedule(IReadOnlyList<DiskCopy> disks)
{
    private readonly Lock _lock = new();
    private int _next;

    /// <summary>The next disk that has work and a free lane, reserved for the caller; null when there is none.</summary>
    internal DiskCopy? Take()
    {
        lock (_lock)
        {
            for (var i = 0; i < disks.Count; i++)
            {
                var disk = disks[_next];
                _next = (_next + 1) % disks.Count;
                if (!disk.HasWork) continue;
                disk.Busy++;
                return disk;
            }

            return null;
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
