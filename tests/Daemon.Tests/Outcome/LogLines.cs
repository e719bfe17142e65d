using System.Collections.Concurrent;
using Serilog;
using Serilog.Core;
using Serilog.Events;

namespace Hyper2Kvm.Daemon.Tests.Outcome;

/// <summary>A log that keeps its lines.</summary>
internal sealed class LogLines : ILogEventSink
{
    private readonly ConcurrentQueue<string> _lines = new();

    public LogLines() => Log = new LoggerConfiguration().WriteTo.Sink(this).CreateLogger();

    public ILogger Log { get; }

    public IReadOnlyCollection<string> Lines => _lines;

    public void Emit(LogEvent logEvent) => _lines.Enqueue(logEvent.RenderMessage() + logEvent.Exception);
}
