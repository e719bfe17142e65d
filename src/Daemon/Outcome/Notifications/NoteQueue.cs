using System.Threading.Channels;
using Serilog;

namespace Hyper2Kvm.Daemon.Outcome.Notifications;

/// <summary>
/// Sends the notes of one way, one after another in the background: each is tried three times, and no more than twenty are sent a minute, of the others one sum. Whoever adds a note never waits.
/// </summary>
internal sealed class NoteQueue : IAsyncDisposable
{
    /// <summary>Most notes that wait; of more, the oldest goes.</summary>
    public const int Capacity = 256;

    /// <summary>How often a note is tried.</summary>
    public const int Tries = 3;

    /// <summary>Longest time that a server's <c>Retry-After</c> is followed; it delays no job, only the notes behind it.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan[] Waits = [TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30)];

    private readonly Channel<Note> _notes;
    private readonly CancellationTokenSource _stop = new();
    private readonly INoteChannel _channel;
    private readonly NoteLimit _limit;
    private readonly TimeProvider _clock;
    private readonly ILogger _log;
    private readonly Task _sending;

    /// <summary>Begins to send.</summary>
    /// <param name="channel">The way.</param>
    /// <param name="clock">The time.</param>
    /// <param name="log">Is told of notes that were not delivered.</param>
    public NoteQueue(INoteChannel channel, TimeProvider clock, ILogger log)
    {
        (_channel, _clock, _log) = (channel, clock, log);
        _limit = new NoteLimit(clock);
        _notes = Channel.CreateBounded<Note>(
            new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true },
            dropped => _log.Warning("{Channel}: a note was dropped, too many wait: {Message}", _channel.Name, dropped.Message));
        _sending = Task.Run(SendAllAsync);
    }

    /// <summary>Adds a note.</summary>
    /// <param name="note">The note.</param>
    public void Add(Note note)
    {
        if (_channel.IsConfigured)
        {
            _notes.Writer.TryWrite(note);
        }
    }

    /// <summary>Takes no more, and waits until the rest is sent, but not long.</summary>
    /// <param name="grace">How long.</param>
    public async Task StopAsync(TimeSpan grace)
    {
        _notes.Writer.TryComplete();
        _stop.CancelAfter(grace);
        await _sending.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(TimeSpan.Zero).ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task SendAllAsync()
    {
        try
        {
            while (await NextAsync().ConfigureAwait(false) is { } note)
            {
                await TrySendAsync(note).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            if (_notes.Reader.Count > 0)
            {
                _log.Warning("{Channel}: {Count} notes were not sent, the daemon stops", _channel.Name, _notes.Reader.Count);
            }
        }
    }

    /// <summary>The next note that may be sent, or the sum of those that may not, once its minute is over; <see langword="null"/> at the end.</summary>
    private async Task<Note?> NextAsync()
    {
        while (true)
        {
            if (_limit.Sum() is { } sum)
            {
                return sum;
            }

            if (_notes.Reader.TryRead(out var note))
            {
                if (_limit.Allows(note))
                {
                    return note;
                }

                continue;
            }

            var more = _notes.Reader.WaitToReadAsync(_stop.Token).AsTask();
            if (_limit.UntilSum is { } wait)
            {
                await Task.WhenAny(more, Task.Delay(wait, _clock, _stop.Token)).ConfigureAwait(false);
                _stop.Token.ThrowIfCancellationRequested();
                if (!more.IsCompleted)
                {
                    continue;
                }
            }

            if (!await more.ConfigureAwait(false))
            {
                return _limit.SumNow();
            }
        }
    }

    private async Task TrySendAsync(Note note)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await _channel.SendAsync(note, _stop.Token).ConfigureAwait(false);
                return;
            }
            catch (NotDelivered failure) when (failure.CanPass && attempt < Tries)
            {
                var wait = failure.Wait ?? Waits[attempt - 1];
                wait = wait < LongestWait ? wait : LongestWait;
                _log.Debug("{Channel}: {Reason}; tried again in {Seconds} s", _channel.Name, failure.Message, wait.TotalSeconds);
                await Task.Delay(wait, _clock, _stop.Token).ConfigureAwait(false);
            }
            catch (Exception failure) when (failure is not OperationCanceledException || !_stop.IsCancellationRequested)
            {
                _log.Warning("{Channel}: a note was not delivered ({Note}): {Reason}", _channel.Name, note.Message, failure is NotDelivered ? failure.Message : failure.GetType().Name);
                return;
            }
        }
    }
}
