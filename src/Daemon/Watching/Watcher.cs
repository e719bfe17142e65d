using Hyper2Kvm.Daemon.Configuration;
using Serilog;

namespace Hyper2Kvm.Daemon.Watching;

/// <summary>Watches the folder, and tells <see cref="IArrivals"/> of each guest that is complete; on one thread of its own, which sleeps while nothing happens.</summary>
internal sealed class Watcher : IDisposable
{
    private readonly DaemonConfiguration _configuration;
    private readonly IArrivals _arrivals;
    private readonly ILogger _log;
    private readonly TimeProvider _clock;
    private readonly Pace _pace;
    private readonly long _start;
    private readonly GivenGuests _given = new();
    private readonly WakeUp _wake = new();
    private readonly Thread _thread;
    private volatile bool _stop;
    private volatile bool _rescan;
    private bool _missing;

    /// <summary>Takes what it needs; nothing is looked at before <see cref="Start"/>.</summary>
    /// <param name="configuration">Its watch folder, <c>poll</c>, <c>poll_interval</c> and <c>file_stable_timeout</c> count.</param>
    /// <param name="arrivals">Is called on the watcher's thread only.</param>
    /// <param name="log">Is told what is left alone, and when the folder goes and comes.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="pace">How often is looked.</param>
    public Watcher(DaemonConfiguration configuration, IArrivals arrivals, ILogger log, TimeProvider? clock = null, Pace? pace = null)
    {
        (_configuration, _arrivals, _log, _clock, _pace) = (configuration, arrivals, log, clock ?? TimeProvider.System, pace ?? new Pace());
        _start = _clock.GetTimestamp();
        _thread = new Thread(Run) { IsBackground = true, Name = "watch folder" };
    }

    private TimeSpan Now => _clock.GetElapsedTime(_start);

    /// <summary>Starts; what is in the folder already is taken too.</summary>
    public void Start() => _thread.Start();

    /// <summary>Has all looked at again, soon. Any thread.</summary>
    public void Rescan()
    {
        _rescan = true;
        _wake.Call();
    }

    /// <summary>Ends; waits for a call that is under way.</summary>
    public void Dispose()
    {
        _stop = true;
        _wake.Call();
        if (_thread.IsAlive && Thread.CurrentThread != _thread)
        {
            _thread.Join();
        }

        _wake.Dispose();
    }

    private void Run()
    {
        while (!_stop)
        {
            try
            {
                using var session = WatchSession.Open(_configuration, _arrivals, _given, _log, _pace);
                if (session is not null)
                {
                    session.LookAtAll(Now);
                    TellBack();
                    Watch(session);
                    continue;
                }

                TellMissing("removed, or not mounted");
                _wake.Sleep(null, _configuration.PollInterval);
            }
            catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
            {
                TellMissing(unreadable.Message);
                _wake.Sleep(null, _configuration.PollInterval);
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                // A watcher that ends would be a daemon that does nothing for a year: it begins anew.
                _log.Error(failure, "watching {Folder} failed; it begins anew in {Seconds} s", _configuration.WatchDir, _configuration.PollInterval.TotalSeconds);
                _wake.Sleep(null, _configuration.PollInterval);
            }
        }
    }

    /// <summary>Until the folder is gone, or it is told to stop.</summary>
    private void Watch(WatchSession session)
    {
        while (!_stop)
        {
            var mountsChanged = _wake.Sleep(session.WakingEvents(Now), session.NextWake is { } next ? next - Now : null);
            if (_stop || !session.Collect(Now, mountsChanged))
            {
                return;
            }

            if (_rescan)
            {
                _rescan = false;
                session.LookAtAll(Now);
            }

            session.Look(Now);
        }
    }

    private void TellMissing(string reason)
    {
        if (!_missing)
        {
            _log.Warning("the watch folder {Folder} cannot be watched ({Reason}); it is waited for", _configuration.WatchDir, reason);
        }

        _missing = true;
    }

    private void TellBack()
    {
        if (_missing)
        {
            _log.Information("the watch folder {Folder} is there again", _configuration.WatchDir);
        }

        _missing = false;
    }
}
