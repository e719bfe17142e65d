using Hyper2Kvm.Daemon.Jobs;
using Hyper2Kvm.Daemon.Outcome.Errors;

namespace Hyper2Kvm.Daemon.Outcome.Notifications;

/// <summary>The notes that there are.</summary>
internal static class Notes
{
    /// <summary>A guest is ready.</summary>
    /// <param name="outcome">Its last try.</param>
    public static Note Succeeded(JobOutcome outcome) => new()
    {
        Event = "conversion_success",
        Level = NoteLevel.Success,
        Title = "✅ Conversion Successful",
        Message = $"Successfully converted {FileName(outcome)} in {outcome.Duration.TotalSeconds:0.0}s",
        Time = outcome.Ended,
        Details = [("filename", FileName(outcome)), ("duration_seconds", Math.Round(outcome.Duration.TotalSeconds, 2)), ("output_path", outcome.OutputPath)],
    };

    /// <summary>A guest failed for good.</summary>
    /// <param name="outcome">Its last try.</param>
    public static Note Failed(JobOutcome outcome) => new()
    {
        Event = "conversion_failure",
        Level = NoteLevel.Error,
        Title = "❌ Conversion Failed",
        Message = $"Failed to convert {FileName(outcome)}: {Error(outcome)}",
        Time = outcome.Ended,
        Details =
        [
            ("filename", FileName(outcome)), ("error", Error(outcome)), ("retry_count", outcome.Job.Retries), ("error_code", OutcomeCode.Of(outcome).Name),
            ("suggestion", ErrorContextWriter.Suggestion(outcome)),
        ],
    };

    /// <summary>A guest waits for somebody to free space.</summary>
    /// <param name="outcome">Its last try.</param>
    /// <param name="next">When it is tried again, UTC.</param>
    public static Note OutOfSpace(JobOutcome outcome, DateTimeOffset next) => new()
    {
        Event = "conversion_waiting",
        Level = NoteLevel.Warning,
        Title = "⚠️ Conversion Waits For Space",
        Message = $"{FileName(outcome)} is tried again at {Note.Text(next)}: {Error(outcome)}",
        Time = outcome.Ended,
        Details = [("filename", FileName(outcome)), ("error", Error(outcome)), ("retry_count", outcome.Job.Retries), ("next_attempt", next), ("suggestion", ErrorContextWriter.Suggestion(outcome))],
    };

    /// <summary>Jobs wait, and nothing happens.</summary>
    /// <param name="depth">How many wait.</param>
    /// <param name="lastActivity">When something happened last, UTC.</param>
    /// <param name="now">The time, UTC.</param>
    public static Note Stalled(int depth, DateTimeOffset lastActivity, DateTimeOffset now) => new()
    {
        Event = "daemon_stalled",
        Level = NoteLevel.Warning,
        Title = "⚠️ Daemon Stalled",
        Message = $"Daemon idle for {(now - lastActivity).TotalMinutes:0} minutes with {depth} items in queue",
        Time = now,
        Details = [("queue_depth", depth), ("idle_minutes", Math.Round((now - lastActivity).TotalMinutes)), ("last_activity", lastActivity)],
    };

    /// <summary>More happened than could be told one by one.</summary>
    /// <param name="held">How many notes of each event were held back.</param>
    /// <param name="now">The time, UTC.</param>
    public static Note Summary(IReadOnlyDictionary<string, int> held, DateTimeOffset now) => new()
    {
        Event = "notes_summary",
        Level = held.ContainsKey("conversion_failure") ? NoteLevel.Error : held.ContainsKey("conversion_success") && held.Count == 1 ? NoteLevel.Success : NoteLevel.Warning,
        Title = "More Notes Than Are Sent One By One",
        Message = $"{held.Values.Sum()} more: {string.Join(", ", held.Select(kind => $"{kind.Value} × {kind.Key}"))}",
        Time = now,
        Details = [.. held.Select(kind => (kind.Key, (object)kind.Value))],
    };

    /// <summary>Somebody asked for a test.</summary>
    /// <param name="now">The time, UTC.</param>
    public static Note Test(DateTimeOffset now) => new()
    {
        Event = "notify_test",
        Level = NoteLevel.Success,
        Title = "hyper2kvm: Test",
        Message = "This is a test of the notifications of hyper2kvm's daemon.",
        Time = now,
        Details = [],
    };

    private static string FileName(JobOutcome outcome) => Path.GetFileName(outcome.Job.Source.Sources[0]);

    private static string Error(JobOutcome outcome) => SecretText.Redact(OutcomeCode.Text(outcome));
}
