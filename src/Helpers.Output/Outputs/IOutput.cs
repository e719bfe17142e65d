using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Servers;

namespace Hyper2Kvm.Helpers.Output.Outputs;

/// <summary>One kind of target: where the disks go, and how the guest is made there.</summary>
internal interface IOutput
{
    /// <summary>Keys that <c>-oo KEY=VALUE</c> takes, with what they mean.</summary>
    IReadOnlyDictionary<string, string> Options { get; }

    /// <summary>Whether <c>-os</c> is a directory of this host.</summary>
    bool StorageIsDirectory { get; }

    /// <summary>Whether the disks are written through servers, which stay until <c>final</c>.</summary>
    /// <param name="output">The output section of the job.</param>
    bool NeedsServers(JobOutput output);

    /// <summary>What of a guest this target cannot take over, in sentences for people.</summary>
    /// <param name="guest">The guest.</param>
    IEnumerable<string> Losses(TargetMetadata guest) => [];

    /// <summary>Everything that can be refused is refused here: nothing was made yet.</summary>
    /// <param name="run">The run.</param>
    void Check(OutputRun run);

    /// <summary>Makes the empty disks under temporary names and <c>outN</c> for each in the work directory.</summary>
    /// <param name="run">The run.</param>
    /// <returns>Servers that were started, not waited for.</returns>
    IReadOnlyList<NbdServer> Setup(OutputRun run);

    /// <summary>Makes the guest. The disks are whole, their servers are gone.</summary>
    /// <param name="run">The run.</param>
    void Final(OutputRun run);
}
