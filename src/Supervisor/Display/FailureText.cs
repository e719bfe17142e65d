using Hyper2Kvm.Core.Errors;

namespace Hyper2Kvm.Supervisor.Display;

/// <summary>How a failure is told to a person: what happened, what to do, where to read on.</summary>
internal static class FailureText
{
    /// <summary>Writes it.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="failure">The failure.</param>
    /// <param name="logs">Where its logs were kept, if they were.</param>
    public static void Write(TextWriter output, StepException failure, string? logs)
    {
        output.WriteLine($"hyper2kvm: error: {failure.Message}");
        output.WriteLine($"  what to do: {failure.Hint}");
        if (logs is not null)
        {
            output.WriteLine($"  logs: {logs}");
        }

        output.WriteLine($"  code: {failure.Code.Name} (exit {failure.Code.ExitCode}, see docs/exit-codes.md)");
    }
}
