using System.Text.Encodings.Web;
using System.Text.Json;
using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Daemon.Jobs;

namespace Hyper2Kvm.Daemon.Outcome.Errors;

/// <summary>Writes <c>NAME.error.json</c> beside what failed.</summary>
internal sealed class ErrorContextWriter(HostFacts host)
{
    private const double BytesOfMib = 1 << 20;

    /// <summary>Those who put files into the watch folder may see why one failed.</summary>
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;

    private static readonly ErrorContextJson Json = new(new JsonSerializerOptions(ErrorContextJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    /// <summary>Writes the context of a failure. An earlier one of this name becomes <c>NAME.error-1.json</c>, <c>-2</c> …, the newest is always <c>NAME.error.json</c>.</summary>
    /// <param name="outcome">The failure; its work directory is still there.</param>
    /// <param name="entry">Where the guest's first entry rests, or will: <c>WATCH/.errors/NAME</c>.</param>
    /// <returns>The file.</returns>
    /// <exception cref="IOException">It cannot be written.</exception>
    public string Write(JobOutcome outcome, string entry)
    {
        var path = $"{entry}.error.json";
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        if (File.Exists(path))
        {
            File.Move(path, Enumerable.Range(1, int.MaxValue).Select(number => $"{entry}.error-{number}.json").First(name => !File.Exists(name)));
        }

        AtomicFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(Of(outcome), Json.ErrorContext), Mode);
        return path;
    }

    /// <summary>What to do: what the failure itself says, else the remedy of its code. Never guessed from words in its text.</summary>
    /// <param name="outcome">The failure.</param>
    public static string Suggestion(JobOutcome outcome) => outcome.Failure?.Hint ?? OutcomeCode.Of(outcome).Remedy;

    private ErrorContext Of(JobOutcome outcome)
    {
        var source = outcome.Job.Source;
        var step = outcome.FailedStep ?? "supervisor";
        var left = FailedStep.Read(outcome.WorkDirectory, step);
        return new ErrorContext
        {
            Filename = Path.GetFileName(source.Sources[0]),
            Filepath = source.Sources[0],
            FileSizeMb = Math.Round(source.SizeBytes / BytesOfMib, 2),
            Timestamp = outcome.Ended,
            Error = SecretText.Redact(OutcomeCode.Text(outcome)),
            ErrorCode = OutcomeCode.Of(outcome).Name,
            Phase = $"{step} (exit {outcome.ExitCode})",
            Step = step,
            ExitCode = outcome.ExitCode,
            ExceptionTraceback = left.ExceptionText,
            Suggestion = Suggestion(outcome),
            JobId = outcome.Job.Id,
            RetryCount = outcome.Job.Retries,
            SystemInfo = host.Of(outcome),
            LogLines = left.LogLines,
            Events = left.Events,
        };
    }
}
