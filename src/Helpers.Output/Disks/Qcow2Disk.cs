using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Processes;
using Hyper2Kvm.Core.Servers;
using Hyper2Kvm.Helpers.Output.Outputs;

namespace Hyper2Kvm.Helpers.Output.Disks;

/// <summary>A qcow2 disk: formatted by qemu-img, written through qemu-nbd.</summary>
internal static class Qcow2Disk
{
    /// <summary>Key of <c>-oo</c> for the cluster size.</summary>
    public const string ClusterSizeOption = "cluster_size";

    /// <summary>On SIGTERM qemu-nbd writes its tables and syncs; gigabytes may wait in the page cache. SIGKILL before that would lose them.</summary>
    private static readonly TimeSpan TimeToClose = TimeSpan.FromMinutes(10);

    /// <summary>Writes an empty image into an empty file of ours; qemu-img keeps the file.</summary>
    /// <param name="run">The run.</param>
    /// <param name="path">The file.</param>
    /// <param name="length">Size that the guest sees, bytes.</param>
    /// <exception cref="StepException">qemu-img refused.</exception>
    public static void Format(OutputRun run, string path, long length)
    {
        // compat=1.1 (v3) is qemu-img's default; falloc allocates all clusters without writing them (qemu-img(1), "preallocation").
        var options = new List<string> { $"preallocation={(run.IsPreallocated ? "falloc" : "off")}" };
        if (run.Option(ClusterSizeOption) is { } clusterSize)
        {
            options.Add($"cluster_size={clusterSize}");
        }

        var command = new Command("qemu-img", "create", "-q", "-f", "qcow2", "-o", string.Join(',', options), path, $"{length}")
        {
            Environment = new Dictionary<string, string?> { ["LC_ALL"] = "C" },
        };
        var result = CommandRunner.Run(command, run.Context.Cancel);
        if (!result.Succeeded)
        {
            var code = result.ErrorText.Contains("No space left", StringComparison.Ordinal) ? ErrorCodes.OutputNoSpace : ErrorCodes.OutputSetup;
            throw new StepException(code, $"{path} could not be made a qcow2 image: {result.LastError}");
        }
    }

    /// <summary>Starts the server of an image on <c>outN</c>.</summary>
    /// <param name="run">The run.</param>
    /// <param name="path">The image.</param>
    /// <param name="disk">Index of the disk.</param>
    public static NbdServer Serve(OutputRun run, string path, int disk)
    {
        var socket = run.Work.OutTarget(disk);
        var command = QemuNbdCommand.Create(socket, path, "qcow2", readOnly: false) with { Grace = TimeToClose };
        return NbdServer.Start(command, socket, $"target disk {disk}, {path}", ErrorCodes.OutputServer, line => run.Context.Log.Information("qemu-nbd: {Line}", line));
    }
}
