using Hyper2Kvm.Nbd;

namespace Hyper2Kvm.Copy;

/// <summary>
/// Takes one range of a disk and copies it. If the connection to the source is lost, another is opened and the whole range is
/// copied again: what was in flight is lost, what was written is written once more, with the same bytes, over the same connection
/// to the target. A lost target is a failure: what it had answered but not flushed may be gone with it.
/// </summary>
internal sealed class RangeWork(DiskCopy disk)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(1);
    private readonly TimeProvider _time = disk.Settings.TimeProvider;
    private Lane? _lane;
    private CopyRange? _range;
    private ulong _furthest;
    private long _lostAt;
    private TimeSpan _pause = TimeSpan.Zero;

    internal void Run(CancellationToken cancellation)
    {
        while (!TryOnce(cancellation))
        {
            // Each failure in a row waits twice as long as the one before.
            Task.Delay(_pause, _time, cancellation).GetAwaiter().GetResult();
        }
    }

    private bool TryOnce(CancellationToken cancellation)
    {
        try
        {
            if (_lane is null) _lane = disk.RentLane();
            else disk.Reconnect(_lane);
            _range ??= disk.TakeRange(_lane);
            if (_range is not null)
            {
                _lane.Copy(_range, cancellation);
                disk.Note(_range, _lane);
            }

            disk.ReturnLane(_lane);
            return true;
        }
        catch (CopyException e) when (!cancellation.IsCancellationRequested && MayReconnect(e, _lane?.Advanced ?? 0))
        {
            _lane?.LoseSource();
            disk.Progress.CountRetry();
            return false;
        }
    }

    private bool MayReconnect(CopyException error, ulong advanced)
    {
        // ESHUTDOWN: the server was told to end, and says so to those it still serves.
        if (error.Side != CopySide.Source || error.InnerException is not (NbdConnectionException or NbdTimeoutException or NbdServerException { Errno: NbdErrno.Shutdown })) return false;
        if (advanced > _furthest)
        {
            // The server was there in between and got further than ever: another loss.
            _furthest = advanced;
            _pause = TimeSpan.Zero;
        }

        if (_pause == TimeSpan.Zero) _lostAt = _time.GetTimestamp();
        _pause = _pause == TimeSpan.Zero ? FirstPause : TimeSpan.FromTicks(Math.Min(_pause.Ticks * 2, LongestPause.Ticks));
        return _time.GetElapsedTime(_lostAt) + _pause <= disk.Settings.ReconnectFor;
    }
}
