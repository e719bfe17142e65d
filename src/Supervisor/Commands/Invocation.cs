using System.Runtime.InteropServices;
using Hyper2Kvm.Core.Programs;
using Hyper2Kvm.Supervisor.Display;

namespace Hyper2Kvm.Supervisor.Commands;

/// <summary>The frame of every command: signals become a cancel, failures become a message and an exit code.</summary>
internal static class Invocation
{
    /// <summary>Runs a command's body.</summary>
    /// <param name="body">Gets the cancel, gives the exit code.</param>
    /// <returns>Exit code.</returns>
    public static int Run(Func<CancellationToken, int> body)
    {
        using var stop = new CancellationTokenSource();
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Cancel);
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Cancel);
        using var hungUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, Cancel);
        try
        {
            return body(stop.Token);
        }
        catch (Exception failure)
        {
            var told = StepProgram.Translate(failure, stop.Token);
            FailureText.Write(Console.Error, told, null);
            return told.Code.ExitCode;
        }

        void Cancel(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Cancel();
        }
    }
}
