using Hyper2Kvm.Daemon.Configuration;
using Hyper2Kvm.Daemon.Jobs;
using Hyper2Kvm.Daemon.Outcome.Notifications.Mail;
using Serilog;

namespace Hyper2Kvm.Daemon.Outcome.Notifications;

/// <summary>Tells people what happened, on every way that is configured, without holding up a job.</summary>
internal sealed class Notifier : IOutcomeListener, IAsyncDisposable
{
    /// <summary>How often a stalled queue is looked for.</summary>
    public static readonly TimeSpan LookInterval = TimeSpan.FromMinutes(1);

    /// <summary>Longest time that the rest of the notes is waited for at the end.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan LongestTest = TimeSpan.FromSeconds(30);

    private readonly Func<NotificationSettings> _settings;
    private readonly IReadOnlyList<INoteChannel> _channels;
    private readonly IReadOnlyList<NoteQueue> _queues;
    private readonly TimeProvider _clock;
    private readonly StallWatch _stalls = new();
    private readonly ITimer _timer;

    /// <summary>Begins to tell.</summary>
    /// <param name="settings">The configuration that is in force.</param>
    /// <param name="activity">What the queue does; asked once a minute.</param>
    /// <param name="channels">The ways.</param>
    /// <param name="clock">The time.</param>
    /// <param name="log">Is told of notes that were not delivered.</param>
    public Notifier(Func<NotificationSettings> settings, Func<QueueActivity> activity, IReadOnlyList<INoteChannel> channels, TimeProvider clock, ILogger log)
    {
        (_settings, _channels, _clock) = (settings, channels, clock);
        _queues = [.. channels.Select(channel => new NoteQueue(channel, clock, log))];
        _timer = clock.CreateTimer(_ => LookForStall(activity()), null, LookInterval, LookInterval);
    }

    /// <summary>The ways that the product has: a webhook, and mail.</summary>
    /// <param name="settings">The configuration that is in force.</param>
    /// <param name="clock">The time.</param>
    public static IReadOnlyList<INoteChannel> Channels(Func<NotificationSettings> settings, TimeProvider clock)
    {
        // Lives as long as the process; new connections look the name up again.
        var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) }) { Timeout = WebhookChannel.Timeout };
        return [new WebhookChannel(settings, http, clock), new MailChannel(settings, new SmtpClient(trust: null, clock))];
    }

    /// <inheritdoc/>
    public void Ended(JobOutcome outcome, Verdict verdict)
    {
        var settings = _settings();
        var note = verdict switch
        {
            { State: JobState.Succeeded } when settings.OnSuccess => Notes.Succeeded(outcome),
            { State: JobState.Failed } when settings.OnFailure => Notes.Failed(outcome),
            { State: JobState.Retrying, NextAttempt: { } next } when settings.OnFailure && OutcomeCode.IsOutOfSpace(outcome) => Notes.OutOfSpace(outcome, next),
            _ => null,
        };
        if (note is not null)
        {
            Add(note);
        }
    }

    /// <summary>Sends a test note on every way that is configured, at once and once.</summary>
    /// <returns>A line for each way: which, and whether it worked.</returns>
    public IReadOnlyList<string> NotifyTest()
    {
        var configured = _channels.Where(channel => channel.IsConfigured).ToList();
        return configured.Count == 0
            ? ["no way is configured: set notifications.enabled, and webhook_url or email_enabled with email_smtp_host"]
            : [.. Task.WhenAll(configured.Select(TestAsync)).GetAwaiter().GetResult()];
    }

    /// <summary>Sends what is left, within <see cref="Grace"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        await _timer.DisposeAsync().ConfigureAwait(false);
        await Task.WhenAll(_queues.Select(queue => queue.StopAsync(Grace))).ConfigureAwait(false);
        foreach (var queue in _queues)
        {
            await queue.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task<string> TestAsync(INoteChannel channel)
    {
        using var limit = new CancellationTokenSource(LongestTest);
        try
        {
            await channel.SendAsync(Notes.Test(_clock.GetUtcNow()), limit.Token).ConfigureAwait(false);
            return $"{channel.Name}: delivered";
        }
        catch (NotDelivered failure)
        {
            return $"{channel.Name}: not delivered: {failure.Message}";
        }
        catch (OperationCanceledException)
        {
            return $"{channel.Name}: not delivered: no answer within {LongestTest.TotalSeconds:0} s";
        }
    }

    private void LookForStall(QueueActivity activity)
    {
        if (_settings().OnStalled && _stalls.Look(activity, _clock.GetUtcNow()) is { } note)
        {
            Add(note);
        }
    }

    private void Add(Note note)
    {
        foreach (var queue in _queues)
        {
            queue.Add(note);
        }
    }
}
