using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Formatting.Display;

namespace Hyper2Kvm.Daemon.Service;

/// <summary>The daemon's log: lines on standard error for journald (with its priorities, sd-daemon(3), where it reads them), and the last of them in memory for <c>ctl logs</c>. No file, so nothing to rotate.</summary>
internal sealed class DaemonLog : ILogEventSink
{
    private const int Kept = 1000;

    private static readonly MessageTemplateTextFormatter Message = new("{Message:lj}");

    private readonly Queue<string> _last = new(Kept);
    private readonly TextWriter _output;
    private readonly bool _isJournal;

    private DaemonLog(TextWriter output, bool isJournal) => (_output, _isJournal) = (output, isJournal);

    /// <summary>Opens the log.</summary>
    /// <param name="output">Where lines go.</param>
    /// <param name="isJournal">Whether journald reads them: it adds the time itself.</param>
    /// <param name="log">The log to write to.</param>
    public static DaemonLog Open(TextWriter output, bool isJournal, out ILogger log)
    {
        var sink = new DaemonLog(output, isJournal);
        log = new LoggerConfiguration().WriteTo.Sink(sink).CreateLogger();
        return sink;
    }

    /// <summary>The last lines.</summary>
    /// <param name="lines">How many at most.</param>
    public IReadOnlyList<string> Last(int lines)
    {
        lock (_last)
        {
            return [.. _last.TakeLast(lines)];
        }
    }

    /// <inheritdoc/>
    public void Emit(LogEvent logEvent)
    {
        // One event, one line: a file name with a line break forges nothing.
        var text = (Render(logEvent) + (logEvent.Exception is { } thrown ? $" [{thrown.GetType().Name}: {thrown.Message}]" : string.Empty)).ReplaceLineEndings(" ");
        var line = $"{logEvent.Timestamp.UtcDateTime:yyyy-MM-ddTHH:mm:ss.fffZ} {Word(logEvent.Level)} {text}";
        lock (_last)
        {
            if (_last.Count == Kept)
            {
                _last.Dequeue();
            }

            _last.Enqueue(line);
            _output.WriteLine(_isJournal ? $"<{Priority(logEvent.Level)}>{text}" : line);
            _output.Flush();
        }
    }

    /// <summary>The message, with its words as they are: not between quotation marks.</summary>
    private static string Render(LogEvent logEvent)
    {
        using var text = new StringWriter();
        Message.Format(logEvent, text);
        return text.ToString();
    }

    private static string Word(LogEventLevel level) => level switch
    {
        LogEventLevel.Warning => "warning",
        >= LogEventLevel.Error => "error",
        _ => "info",
    };

    /// <summary>syslog(3)'s.</summary>
    private static int Priority(LogEventLevel level) => level switch
    {
        LogEventLevel.Warning => 4,
        >= LogEventLevel.Error => 3,
        _ => 6,
    };
}
