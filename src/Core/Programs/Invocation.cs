using System.Runtime.InteropServices;
using Hyper2Kvm.Core.Errors;

namespace Hyper2Kvm.Core.Programs;

/// <summary>The frame of a command that is no step: signals become a cancel, failures become a message and an exit code.</summary>
public static class Invocation
{
    /// <summary>Runs a command's body.</summary>
    /// <param name="program">Who tells a failure.</param>
    /// <param name="body">Gets the cancel (SIGTERM, SIGINT, SIGHUP), gives the exit code.</param>
    /// <param name="isDaemon">SIGHUP is no reason to end: the body has its own use for it.</param>
    /// <returns>Exit code.</returns>
    public static int Run(string program, Func<CancellationToken, int> body, bool isDaemon = false)
    {
        using var stop = new CancellationTokenSource();
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel);
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel);
        using var hungUp = isDaemon ? null : PosixSignalRegistration.Create(PosixSignal.SIGHUP, Cancel);
        try
        {
            return body(stop.Token);
        }
        catch (Exception failure)
        {
            var told = StepProgram.Translate(failure, stop.Token);
            FailureText.Write(Console.Error, program, told);
            return told.Code.ExitCode;
        }

        void Cancel(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Cancel();
        }
    }
}
