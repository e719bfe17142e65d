using System.Diagnostics;
using Hyper2Kvm.Core.Processes;

namespace Hyper2Kvm.Helpers.Output.Tests.Support;

/// <summary>Processes that are not our children: killed and waited for.</summary>
internal static class EndOfProcess
{
    public static void Kill(int processId, TimeSpan deadline)
    {
        CommandRunner.Run(new Command("/bin/kill", "-KILL", $"{processId}"));
        Wait(processId, deadline);
    }

    /// <summary>Waits for the end of a process.</summary>
    public static void Wait(int processId, TimeSpan deadline)
    {
        using var waiting = new CancellationTokenSource(deadline);
        try
        {
            using var process = Process.GetProcessById(processId);
            process.WaitForExitAsync(waiting.Token).GetAwaiter().GetResult();
        }
        catch (ArgumentException)
        {
            // It is gone.
        }
    }
}
