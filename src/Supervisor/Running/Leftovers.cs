using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Processes;
using Hyper2Kvm.Core.Work;

namespace Hyper2Kvm.Supervisor.Running;

/// <summary>
/// Removes what killed runs left behind: half-made targets and work directories. Mounts and loop devices die with the processes
/// that hold them, and these with their owners; it is waited for until they are gone.
/// </summary>
internal static class Leftovers
{
    /// <summary>Time that the processes of a dead run get to be gone; theirs follows their owner's death within milliseconds.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(10);

    /// <summary>Removes the work directories under a root whose run is dead.</summary>
    /// <param name="root">Directory that holds work directories.</param>
    /// <param name="say">Called with a line for each thing that was done.</param>
    /// <exception cref="StepException">Something cannot be removed (<see cref="ErrorCodes.Cleanup"/>).</exception>
    public static void RemoveOrphans(string root, Action<string> say)
    {
        foreach (var work in WorkDirectory.All(root).Where(work => work.IsOrphaned()))
        {
            Remove(work, say);
        }
    }

    /// <summary>Removes one work directory that the user named; servers that a script left there are stopped.</summary>
    /// <param name="path">The work directory.</param>
    /// <param name="say">Called with a line for each thing that was done.</param>
    /// <exception cref="StepException">It is in use, or something cannot be removed (<see cref="ErrorCodes.Cleanup"/>).</exception>
    public static void RemoveNamed(string path, Action<string> say)
    {
        if (!Directory.Exists(path))
        {
            return;
        }

        if (!WorkDirectory.WasUsed(path))
        {
            throw new StepException(ErrorCodes.Usage, $"{path} is not a work directory", "No step has run in it (it lacks logs or lock); nothing was removed.");
        }

        var work = WorkDirectory.Use(path);
        if (work.HasOwner())
        {
            throw InUse(work);
        }

        var processes = RunProcesses.Of(work);
        foreach (var keeper in work.Serving().Where(keeper => processes.Contains(keeper.ProcessId)))
        {
            CommandRunner.Run(new Command("kill", "-TERM", $"{keeper.ProcessId}"));
            say($"stopped {keeper.Step}");
        }

        Remove(work, say);
    }

    private static void Remove(WorkDirectory work, Action<string> say)
    {
        WaitUntilUnused(work);
        if (work.IsDone)
        {
            say($"{work.Id} had come to its end: its guest stays on the target");
        }
        else if (File.Exists(work.File("undo.ndjson")) && work.LoadJob().Output.Type is { } type)
        {
            Undo(work, type);
            say($"removed what {work.Id} had half made on its target");
        }

        work.Delete();
        say($"removed {work.Path}");
    }

    private static void WaitUntilUnused(WorkDirectory work)
    {
        using var pause = new ManualResetEventSlim();
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var processes = RunProcesses.Of(work);
            if (work.IsOrphaned())
            {
                RunProcesses.Kill(processes);
            }

            if (processes.Count == 0 && work.TryHoldAlone() is { } held)
            {
                held.Dispose();
                return;
            }

            if (TimeProvider.System.GetElapsedTime(start) > Settling)
            {
                throw InUse(work);
            }

            pause.Wait(5);
        }
    }

    private static StepException InUse(WorkDirectory work)
        => new(ErrorCodes.Cleanup, $"{work.Path} is in use by a running program", "Stop that run first, or wait for it.");

    private static void Undo(WorkDirectory work, string type)
    {
        using var helper = HelperProcess.Start($"output-{type}", ["undo", "--work", work.Path], _ => { }, _ => { });
        try
        {
            helper.WaitUntilDone(CancellationToken.None);
        }
        catch (StepException left)
        {
            throw new StepException(ErrorCodes.Cleanup, $"{work.Path}: {left.Message}", left.Hint, left);
        }
    }
}
