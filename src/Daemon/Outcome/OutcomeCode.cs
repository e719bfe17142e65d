using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Daemon.Jobs;

namespace Hyper2Kvm.Daemon.Outcome;

/// <summary>Which failure of the product's table a try ended with.</summary>
internal static class OutcomeCode
{
    /// <summary>First exit status of a shell's convention for "killed by a signal".</summary>
    private const int KilledBySignal = 128;

    /// <summary>The code that its event names, else that of its exit code; a supervisor that was killed is <see cref="ErrorCodes.HelperDied"/>, any other <see cref="ErrorCodes.Supervisor"/>.</summary>
    /// <param name="outcome">A try that failed.</param>
    public static ErrorCode Of(JobOutcome outcome)
        => ErrorCodes.All.FirstOrDefault(code => code.Name == outcome.Failure?.Code)
            ?? ErrorCodes.All.FirstOrDefault(code => code.ExitCode == outcome.ExitCode)
            ?? (outcome.ExitCode > KilledBySignal ? ErrorCodes.HelperDied : ErrorCodes.Supervisor);

    /// <summary>Why it failed, for people: what its event says, else what its code means.</summary>
    /// <param name="outcome">A try that failed.</param>
    public static string Text(JobOutcome outcome)
        => outcome.Failure?.Message
            ?? (outcome.ExitCode > KilledBySignal && outcome.ExitCode != ErrorCodes.Interrupted.ExitCode
                ? $"hyper2kvm convert was killed by signal {outcome.ExitCode - KilledBySignal}"
                : Of(outcome).Meaning);

    /// <summary>Whether the target had no room: it is tried again, and somebody has to be told.</summary>
    /// <param name="outcome">A try that failed.</param>
    public static bool IsOutOfSpace(JobOutcome outcome) => Of(outcome) is var code && (code == ErrorCodes.CopyNoSpace || code == ErrorCodes.OutputNoSpace);
}
