using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Events;
using Hyper2Kvm.Core.Native;
using Hyper2Kvm.Core.Processes;
using Hyper2Kvm.Core.Servers;

namespace Hyper2Kvm.Core.Programs;

/// <summary>
/// A step whose servers must outlive it. Its process stays as their keeper, until it is told to stop, its owner dies, or a server dies;
/// its servers die with it.
/// </summary>
/// <remarks>
/// Under the supervisor it runs in the foreground (<c>--foreground</c>) and says "finished" when the disks can be reached. By hand it puts
/// its keeper into the background and returns at that moment, so that a shell script reads like one: the owner is then
/// the shell that called (<c>--owner</c>), and the servers go when that shell goes or <c>hyper2kvm cleanup DIR</c> is called.
/// </remarks>
public static class ServingStep
{
    /// <summary>Keeps servers until there is no more need; call it last in the step, when they are ready.</summary>
    /// <param name="context">The step.</param>
    /// <param name="servers">Its servers, all ready. Stopped on the way out.</param>
    /// <param name="milliseconds">Wall time until they were ready, for the event.</param>
    /// <param name="owner">Process whose death ends the servers; 0 for none.</param>
    /// <param name="died">The failure that a dead server means.</param>
    /// <exception cref="StepException">A server died (<paramref name="died"/>).</exception>
    public static void Keep(StepContext context, IReadOnlyList<NbdServer> servers, long milliseconds, int owner, ErrorCode died)
    {
        // Not disposed of: the watch of the owner may set it at any time until the process ends.
        var over = new ManualResetEventSlim();
        using var told = context.Cancel.Register(over.Set);
        NbdServer? dead = null;
        var watches = servers.Select(server => Watch($"watch {server.Description}", () =>
        {
            server.WaitForExit(Timeout.InfiniteTimeSpan);
            Interlocked.CompareExchange(ref dead, server, null);
            over.Set();
        })).ToList();

        if (owner > 0)
        {
            _ = Watch("watch owner", () =>
            {
                WaitForDeath(owner);
                over.Set();
            });
        }

        File.WriteAllText(context.Work.PidPath(context.Step), $"{Environment.ProcessId}\n");
        context.Events.Finished(milliseconds, "serving");
        over.Wait(CancellationToken.None);
        var failure = dead is not null && !context.Cancel.IsCancellationRequested
            ? new StepException(died, $"the server of {dead.Description} died: {dead.ErrorTail.TrimEnd()}")
            : null;

        // Every watch returns before its server is disposed of: a disposed process cannot be waited for.
        Parallel.ForEach(servers, server => server.Stop());
        watches.ForEach(watch => watch.Join());
        foreach (var server in servers)
        {
            server.Dispose();
        }

        File.Delete(context.Work.PidPath(context.Step));
        if (failure is not null)
        {
            throw failure;
        }
    }

    /// <summary>Runs the step's program again in the background with <c>--foreground</c>, and waits until it says "finished" or fails.</summary>
    /// <param name="program">Path of the program, under the name that tells what it does.</param>
    /// <param name="arguments">Arguments, without <c>--foreground</c>, <c>--owner</c> and <c>--events</c>.</param>
    /// <param name="owner">Process whose death ends the servers; 0 for none.</param>
    /// <param name="onEvent">Called with each event until it is ready.</param>
    /// <returns>Exit code of the step.</returns>
    public static int StartInBackground(string program, IEnumerable<string> arguments, int owner, Action<StepEvent> onEvent)
    {
        // The keeper lives on: what the caller left open for us (a lock on descriptor 9, the pipe behind --events) must not stay open in it.
        NativeMethods.CloseOnExecFrom(3);
        using var over = new ManualResetEventSlim();
        StepEvent? last = null;
        var given = arguments.ToList();
        var operands = given.IndexOf("--") is var found and >= 0 ? found : given.Count;
        string[] keeper = ["--fork", program, .. given[..operands], "--foreground", "--owner", $"{owner}", "--events", "fd:1", .. given[operands..]];

        // setsid forks: the keeper is a grandchild, which is not tied to us. Its standard output is our pipe; we read until it is ready.
        var child = ChildProcess.Start(new Command("setsid", keeper), stream =>
        {
            try
            {
                last = ReadUntilReady(stream, onEvent);
            }
            finally
            {
                over.Set();
            }
        });
        over.Wait();
        if (last?.Type == EventType.Finished)
        {
            return 0;
        }

        if (last?.Type == EventType.Error)
        {
            return ErrorCodes.All.FirstOrDefault(code => code.Name == last.Code)?.ExitCode ?? ErrorCodes.HelperDied.ExitCode;
        }

        // It said nothing that we understand; what it wrote to standard error is all that there is. Its pipes are closed, so this ends.
        _ = child.Wait();
        onEvent(new StepEvent
        {
            Step = Path.GetFileName(program),
            Type = EventType.Error,
            Code = ErrorCodes.HelperDied.Name,
            Message = $"{program} ended before it was ready: {child.ErrorTail.Trim()}",
            Hint = ErrorCodes.HelperDied.Remedy,
        });
        return ErrorCodes.HelperDied.ExitCode;
    }

    /// <summary>Process that called us.</summary>
    public static int Caller => NativeMethods.ParentProcessId();

    private static StepEvent? ReadUntilReady(Stream stream, Action<StepEvent> onEvent)
    {
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (StepEvent.TryParse(line) is { } what)
            {
                onEvent(what);
                if (what.Type is EventType.Finished or EventType.Error)
                {
                    return what;
                }
            }
        }

        return null;
    }

    private static Thread Watch(string name, Action body)
    {
        var thread = new Thread(() => body()) { IsBackground = true, Name = name };
        thread.Start();
        return thread;
    }

    private static void WaitForDeath(int processId)
    {
        var descriptor = NativeMethods.PidfdOpen(processId);
        if (descriptor < 0)
        {
            return; // It is dead already.
        }

        // -1 is EINTR: the runtime interrupts threads with signals of its own, which is no death.
        while (NativeMethods.PollReadable(descriptor, -1) <= 0)
        {
        }

        _ = NativeMethods.Close(descriptor);
    }
}
