using System.Diagnostics;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Programs;
using Hyper2Kvm.Core.Servers;
using Hyper2Kvm.Helpers.Input.Inputs;
using Hyper2Kvm.Helpers.Input.Servers;
using Hyper2Kvm.Helpers.Input.Streams;

namespace Hyper2Kvm.Helpers.Input.CommandLine;

/// <summary>The step itself: look at the source, write <c>metadata.in</c>, serve.</summary>
internal static class InputStep
{
    /// <summary>Runs until it is told to stop, its owner dies or a server dies.</summary>
    /// <param name="context">The step.</param>
    /// <param name="input">The input type.</param>
    /// <param name="request">The source.</param>
    /// <param name="owner">Process whose death ends the servers; 0 for none.</param>
    /// <exception cref="StepException">The source cannot be served.</exception>
    public static void Run(StepContext context, IInput input, InputRequest request, int owner)
    {
        var clock = Stopwatch.StartNew();
        var plan = input.Prepare(request);
        foreach (var disk in plan.Metadata.Disks)
        {
            context.Log.Information("disk {Disk}: {Path}, {Format}, {Bytes} bytes", disk.Index, disk.Path, disk.Format, disk.VirtualBytes);
        }

        using var streams = new StreamExports(context);
        var pipelines = plan.Disks.SelectMany((image, index) => DiskPipeline.Of(context.Work, index, image, request.InPlace, !request.InPlace && streams.TryServe(index, image))).ToList();
        pipelines.ForEach(server => StaleSocket.Remove(server.SocketPath));
        context.Work.Save(plan.Metadata);
        context.Log.Information("source read after {Milliseconds} ms", clock.ElapsedMilliseconds);

        var servers = new List<NbdServer>();
        try
        {
            // All at once, then each is waited for: the time is that of the slowest, not the sum.
            foreach (var server in pipelines)
            {
                context.Log.Information("{Command}", server.Command.ToString());
                servers.Add(NbdServer.Start(server.Command, server.SocketPath, server.Description, ErrorCodes.InputServer, line => context.Log.Information("{Server}: {Line}", server.Description, line)));
            }

            servers.ForEach(server => WaitUntilReady(server, context.Cancel));
        }
        catch
        {
            Parallel.ForEach(servers, server => server.Dispose());
            throw;
        }

        context.Log.Information("{Count} servers ready after {Milliseconds} ms", servers.Count, clock.ElapsedMilliseconds);
        ServingStep.Keep(context, servers, clock.ElapsedMilliseconds, owner, ErrorCodes.InputServer);
    }

    private static void WaitUntilReady(NbdServer server, CancellationToken cancel)
    {
        try
        {
            server.WaitUntilReady(cancel);
        }
        catch (StepException failure) when (failure.Message.Contains("Failed to get ", StringComparison.Ordinal) && failure.Message.Contains("lock", StringComparison.Ordinal))
        {
            // QEMU block/file-posix.c, raw_check_lock_bytes: 'Failed to get shared "write" lock'. Taken between our own look and its start.
            throw new StepException(ErrorCodes.InputBusy, failure.Message, inner: failure);
        }
    }
}
