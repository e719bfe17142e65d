using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Hyper2Kvm.Core.Events;

namespace Hyper2Kvm.Daemon.Outcome.Errors;

/// <summary>What a step left in its work directory, bounded and without secrets.</summary>
/// <param name="LogLines">Last lines of its log.</param>
/// <param name="ExceptionText">The last exception in it.</param>
/// <param name="Events">Its last events.</param>
internal sealed partial record FailedStep(IReadOnlyList<string> LogLines, string? ExceptionText, IReadOnlyList<JsonNode> Events)
{
    /// <summary>How many lines of the log are kept.</summary>
    public const int KeptLines = 50;

    /// <summary>How many events are kept.</summary>
    public const int KeptEvents = 100;

    private const int LongestException = 100;
    private const int LongestLine = 4000;
    private const int LogTailBytes = 1 << 20;
    private const int EventTailBytes = 4 << 20;

    /// <summary>Reads it; what is missing or cannot be read is empty.</summary>
    /// <param name="workDirectory">The work directory.</param>
    /// <param name="step">The step.</param>
    public static FailedStep Read(string workDirectory, string step)
    {
        var log = Tail(Path.Combine(workDirectory, "logs", $"{Path.GetFileName(step)}.log"), LogTailBytes);
        return new FailedStep([.. log.TakeLast(KeptLines)], LastException(log), LastEvents(Tail(Path.Combine(workDirectory, "events.ndjson"), EventTailBytes), step));
    }

    /// <summary>An exception follows the line of its error, on lines that bear no time.</summary>
    private static string? LastException(List<string> log)
    {
        var error = log.FindLastIndex(line => ErrorLine().IsMatch(line));
        var text = string.Join('\n', error < 0 ? [] : log.Skip(error + 1).TakeWhile(line => !AnyLine().IsMatch(line)).Take(LongestException)).TrimEnd();
        return text.Length > 0 ? text : null;
    }

    private static List<JsonNode> LastEvents(List<string> stream, string step)
    {
        var events = stream.Select(StepEvent.TryParse).OfType<StepEvent>().Where(what => what.Step == step).ToList();
        var lastProgress = events.FindLastIndex(what => what.Type == EventType.Progress);
        return [.. events
            .Where((what, index) => what.Type != EventType.Progress || index == lastProgress)
            .TakeLast(KeptEvents)
            .Select(what => JsonNode.Parse(what.ToUtf8())!)];
    }

    /// <summary>The lines at the end of a file; the first, which may be half of one, is left out where the file is longer.</summary>
    private static List<string> Tail(string path, int bytes)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var isCut = stream.Length > bytes;
            stream.Seek(isCut ? -bytes : 0, isCut ? SeekOrigin.End : SeekOrigin.Begin);
            using var reader = new StreamReader(stream, Encoding.UTF8);
            var lines = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
            return [.. lines.Skip(isCut ? 1 : 0).Select(line => SecretText.Redact(line.Length <= LongestLine ? line : line[..LongestLine] + "…"))];
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\S+ (ERR|FTL) ", RegexOptions.CultureInvariant)]
    private static partial Regex ErrorLine();

    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\S+ [A-Z]{3} ", RegexOptions.CultureInvariant)]
    private static partial Regex AnyLine();
}
