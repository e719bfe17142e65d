using System.Globalization;
using System.Text;
using Hyper2Kvm.Core.Programs;
using Hyper2Kvm.Core.Work;
using Hyper2Kvm.Helpers.Output.Native;

namespace Hyper2Kvm.Helpers.Output.Steps;

/// <summary>The process of <c>setup</c> that stays and keeps the servers of the target disks.</summary>
internal static class Keeper
{
    /// <summary>How often a wait looks whether it was cancelled, milliseconds; the end itself is seen at once.</summary>
    private const int CancelInterval = 100;

    /// <summary>Names of all steps that may keep servers of a target end so.</summary>
    private const string StepSuffix = "-setup";

    /// <summary>Name of a step.</summary>
    /// <param name="output">Name of the output.</param>
    /// <param name="command"><c>setup</c>, <c>final</c> or <c>undo</c>.</param>
    public static string StepName(string output, string command) => $"output-{output}-{command}";

    /// <summary>Tells every keeper of a target in a work directory to end, and waits until it has: its images are closed then.</summary>
    /// <param name="context">The step.</param>
    public static void Stop(StepContext context)
    {
        foreach (var (step, processId) in context.Work.Serving().Where(entry => IsSetup(entry.Step) && entry.ProcessId != Environment.ProcessId))
        {
            Stop(context, processId);
            File.Delete(context.Work.PidPath(step));
        }
    }

    private static bool IsSetup(string step)
        => step.StartsWith("output-", StringComparison.Ordinal) && step.EndsWith(StepSuffix, StringComparison.Ordinal);

    private static void Stop(StepContext context, int processId)
    {
        var process = NativeMethods.OpenProcess(processId);
        if (process < 0)
        {
            return;
        }

        try
        {
            // The number may be another process's by now; the descriptor cannot become one after we looked.
            if (!IsOurs(processId, context.Work) || NativeMethods.Signal(process, NativeMethods.SigTerm) != 0)
            {
                return;
            }

            context.Log.Information("waiting for the keeper {ProcessId} to close the disks", processId);
            while (!NativeMethods.WaitForEnd(process, CancelInterval))
            {
                context.Cancel.ThrowIfCancellationRequested();
            }
        }
        finally
        {
            NativeMethods.Close(process);
        }
    }

    private static bool IsOurs(int processId, WorkDirectory work)
    {
        try
        {
            var words = Encoding.UTF8.GetString(File.ReadAllBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/{processId}/cmdline"))).Split('\0');
            var directory = Path.TrimEndingDirectorySeparator(work.Path);
            return words.Contains("setup")
                && words.Any(word => word.Length > 0 && Path.GetFileName(Path.TrimEndingDirectorySeparator(word)) == Path.GetFileName(directory));
        }
        catch (IOException)
        {
            return false;
        }
    }
}
