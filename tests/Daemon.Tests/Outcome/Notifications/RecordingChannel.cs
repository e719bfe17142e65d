using System.Threading.Channels;
using Hyper2Kvm.Daemon.Outcome.Notifications;

namespace Hyper2Kvm.Daemon.Tests.Outcome.Notifications;

/// <summary>A way on which notes come to the test.</summary>
internal sealed class RecordingChannel(Func<Note, CancellationToken, Task>? before = null) : INoteChannel
{
    private readonly Channel<Note> _notes = Channel.CreateUnbounded<Note>();

    public string Name => "recording";

    public bool IsConfigured => true;

    public async Task SendAsync(Note note, CancellationToken cancel)
    {
        await (before?.Invoke(note, cancel) ?? Task.CompletedTask);
        _notes.Writer.TryWrite(note);
    }

    /// <summary>The next note that was sent.</summary>
    public async Task<Note> NextAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        return await _notes.Reader.ReadAsync(limit.Token);
    }
}
