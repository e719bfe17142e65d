using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Servers;

namespace Hyper2Kvm.Helpers.Output.Outputs;

/// <summary>Throws all data away: to try a conversion, or to measure a source.</summary>
/// <remarks>A server and not a link to /dev/null: the copy then runs as it would into any other target (nbdkit-null-plugin(1)).</remarks>
internal sealed class NullOutput : IOutput
{
    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Options { get; } = new Dictionary<string, string>();

    /// <inheritdoc/>
    public bool StorageIsDirectory => false;

    /// <inheritdoc/>
    public bool NeedsServers(JobOutput output) => true;

    /// <inheritdoc/>
    public void Check(OutputRun run)
    {
        // Nothing is made, nothing can be in the way.
    }

    /// <inheritdoc/>
    public IReadOnlyList<NbdServer> Setup(OutputRun run)
        => [.. run.Guest.Disks.Select(disk =>
        {
            var socket = run.Work.OutTarget(disk.Index);
            var command = NbdkitCommand.Create(socket, "null", [$"size={disk.VirtualBytes}"]);
            return NbdServer.Start(command, socket, $"target disk {disk.Index} (thrown away)", ErrorCodes.OutputServer, line => run.Context.Log.Information("nbdkit: {Line}", line));
        })];

    /// <inheritdoc/>
    public void Final(OutputRun run)
    {
        // Nothing was kept.
    }
}
