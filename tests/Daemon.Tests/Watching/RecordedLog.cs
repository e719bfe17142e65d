using System.Collections.Concurrent;
using Serilog.Core;
using Serilog.Events;

namespace Hyper2Kvm.Daemon.Tests.Watching;

/// <summary>A log that a test can read, and wait for.</summary>
internal sealed class RecordedLog : IDisposable
{
    private readonly ConcurrentQueue<(LogEventLevel Level, string Text)> _lines = new();
    private readonly SemaphoreSlim _news = new(0);

    public RecordedLog() => Logger = new Serilog.LoggerConfiguration().WriteTo.Sink(new Sink(this)).CreateLogger();

    public Logger Logger { get; }

    public IReadOnlyCollection<(LogEventLevel Level, string Text)> Lines => _lines;

    public async Task ContainsAsync(string text)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!_lines.Any(line => line.Text.Contains(text, StringComparison.Ordinal)))
        {
            await _news.WaitAsync(limit.Token);
        }
    }

    public void Dispose()
    {
        Logger.Dispose();
        _news.Dispose();
    }

    /// <summary>A sink of its own: the logger disposes it.</summary>
    private sealed class Sink(RecordedLog log) : ILogEventSink
    {
        public void Emit(LogEvent logEvent)
        {
            log._lines.Enqueue((logEvent.Level, logEvent.RenderMessage()));
            log._news.Release();
        }
    }
}
