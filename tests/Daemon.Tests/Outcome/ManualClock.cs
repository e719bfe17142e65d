namespace Hyper2Kvm.Daemon.Tests.Outcome;

/// <summary>A clock that the test moves; its timers run when it passes them, in the thread of the test.</summary>
internal sealed class ManualClock : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<Timer> _timers = [];
    private TaskCompletionSource _made = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private DateTimeOffset _now = Outcomes.Noon;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
        {
            return _now;
        }
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => GetUtcNow().Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves the time on, from timer to timer.</summary>
    public void Advance(TimeSpan time)
    {
        var end = GetUtcNow() + time;
        while (Next(end) is { } due)
        {
            due();
        }

        lock (_gate)
        {
            _now = end;
        }
    }

    /// <summary>Waits until somebody waits for this time from now on, then lets it pass. What it waits with is no part of the tested time.</summary>
    public async Task PassAsync(TimeSpan wait)
    {
        var limit = Task.Delay(TimeSpan.FromSeconds(30));
        while (!IsAwaited(wait, out var made))
        {
            (await Task.WhenAny(made, limit)).Should().BeSameAs(made, "somebody was to wait for {0}", wait);
        }

        Advance(wait);
    }

    private bool IsAwaited(TimeSpan wait, out Task made)
    {
        lock (_gate)
        {
            made = _made.Task;
            return _timers.Any(timer => timer.Due == _now + wait);
        }
    }

    private Action? Next(DateTimeOffset end)
    {
        lock (_gate)
        {
            var timer = _timers.Where(timer => timer.Due <= end).MinBy(timer => timer.Due);
            if (timer is null)
            {
                return null;
            }

            _now = timer.Due;
            if (timer.Period == Timeout.InfiniteTimeSpan)
            {
                _timers.Remove(timer);
            }
            else
            {
                timer.Due += timer.Period;
            }

            return timer.Callback;
        }
    }

    private sealed class Timer(ManualClock clock, Action callback) : ITimer
    {
        public Action Callback { get; } = callback;

        public DateTimeOffset Due { get; set; }

        public TimeSpan Period { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._gate)
            {
                clock._timers.Remove(this);
                if (dueTime != Timeout.InfiniteTimeSpan)
                {
                    (Due, Period) = (clock._now + dueTime, period);
                    clock._timers.Add(this);
                    clock._made.SetResult();
                    clock._made = new(TaskCreationOptions.RunContinuationsAsynchronously);
                }

                return true;
            }
        }

        public void Dispose()
        {
            lock (clock._gate)
            {
                clock._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
