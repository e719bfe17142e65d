namespace Hyper2Kvm.Core.Errors;

/// <summary>How every program tells a failure to a person: what happened, what to do, where to read on.</summary>
public static class FailureText
{
    /// <summary>Writes it.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="program">Who says it.</param>
    /// <param name="failure">The failure.</param>
    /// <param name="logs">Where its logs were kept, if they were.</param>
    public static void Write(TextWriter output, string program, StepException failure, string? logs = null)
        => Write(output, program, failure.Message, failure.Hint, failure.Code, logs);

    /// <summary>Writes a failure of which only an event is left.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="program">Who says it.</param>
    /// <param name="message">What happened.</param>
    /// <param name="hint">What to do.</param>
    /// <param name="code">What kind of failure; <see langword="null"/> where this version does not know it.</param>
    /// <param name="logs">Where its logs were kept, if they were.</param>
    public static void Write(TextWriter output, string program, string? message, string? hint, ErrorCode? code, string? logs = null)
    {
        output.WriteLine($"{program}: error: {message}");
        if (hint is not null)
        {
            output.WriteLine($"  what to do: {hint}");
        }

        if (logs is not null)
        {
            output.WriteLine($"  logs: {logs}");
        }

        if (code is not null)
        {
            output.WriteLine($"  code: {code.Name} (exit {code.ExitCode}, see docs/exit-codes.md)");
        }
    }
}
