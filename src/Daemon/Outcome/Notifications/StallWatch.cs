namespace Hyper2Kvm.Daemon.Outcome.Notifications;

/// <summary>What the watch for stalls asks the queue for.</summary>
/// <param name="Waiting">Jobs that wait for a place; those that wait for the time of their retry do not count.</param>
/// <param name="LastActivity">When a job was begun, went on or ended last, UTC.</param>
internal sealed record QueueActivity(int Waiting, DateTimeOffset LastActivity);

/// <summary>Finds a queue that does not move: jobs wait, and nothing has happened for an hour. Told once an hour. Pure but for what it told last.</summary>
internal sealed class StallWatch
{
    /// <summary>How long nothing may happen.</summary>
    public static readonly TimeSpan LongestIdle = TimeSpan.FromMinutes(60);

    /// <summary>Least time between two notes.</summary>
    public static readonly TimeSpan Between = TimeSpan.FromHours(1);

    private DateTimeOffset? _told;

    /// <summary>Looks.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="now">The time, UTC.</param>
    /// <returns>What is to be told, or <see langword="null"/>.</returns>
    public Note? Look(QueueActivity queue, DateTimeOffset now)
    {
        if (queue.Waiting == 0 || now - queue.LastActivity <= LongestIdle || now - _told < Between)
        {
            return null;
        }

        _told = now;
        return Notes.Stalled(queue.Waiting, queue.LastActivity, now);
    }
}
