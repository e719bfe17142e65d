using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Servers;
using Hyper2Kvm.Helpers.Output.Disks;
using Hyper2Kvm.Helpers.Output.Qemu;

namespace Hyper2Kvm.Helpers.Output.Outputs;

/// <summary>Disks in a directory, and beside them a shell script that starts the guest with QEMU alone.</summary>
internal sealed class QemuOutput : IOutput
{
    private const UnixFileMode Executable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Options => LocalDisks.Options;

    /// <inheritdoc/>
    public bool StorageIsDirectory => true;

    /// <inheritdoc/>
    public bool NeedsServers(JobOutput output) => false;

    /// <inheritdoc/>
    public IEnumerable<string> Losses(TargetMetadata guest) => QemuScript.Losses(guest);

    /// <inheritdoc/>
    public void Check(OutputRun run) => LocalDisks.Check(run, run.Storage, ScriptName(run));

    /// <inheritdoc/>
    public IReadOnlyList<NbdServer> Setup(OutputRun run)
    {
        LocalDisks.Create(run, run.Storage);
        return [];
    }

    /// <inheritdoc/>
    public void Final(OutputRun run)
    {
        PartFile.Write(run.Journal, run.Storage, ScriptName(run), QemuScript.Build(run.Guest, DiskSource.Files(run)), Executable);
        LocalDisks.Publish(run);
    }

    private static string ScriptName(OutputRun run) => $"{run.Guest.Name}.sh";
}
