namespace Hyper2Kvm.Guest.Attach;

/// <summary>Waits by a clock that can be another one than the system's.</summary>
internal static class ClockWait
{
    /// <summary>Waits.</summary>
    /// <param name="clock">The clock.</param>
    /// <param name="time">How long.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static void Wait(TimeProvider clock, TimeSpan time, CancellationToken cancel)
    {
        using var over = new ManualResetEventSlim();
        using var timer = clock.CreateTimer(_ => over.Set(), null, time, Timeout.InfiniteTimeSpan);
        over.Wait(cancel);
    }
}
