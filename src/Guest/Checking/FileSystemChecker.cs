using System.Text;
using Hyper2Kvm.Core.Processes;
using Hyper2Kvm.Guest.Attach;
using Hyper2Kvm.Guest.Mounting;
using Hyper2Kvm.Guest.Volumes;

namespace Hyper2Kvm.Guest.Checking;

/// <summary>Has file systems that are not mounted checked by their own tools, which write nothing.</summary>
/// <remarks>
/// What the tools parse is the guest's. So they run in the private mount namespace without any capability, with bounded memory, in bounded time, on a loop device that
/// the kernel lets nobody write.
/// </remarks>
/// <param name="mounts">The namespace.</param>
/// <param name="files">Gives volumes as files.</param>
/// <param name="means">What mounts file systems here.</param>
internal sealed class FileSystemChecker(MountNamespace mounts, VolumeFiles files, MountMeans means)
{
    /// <summary>Ample for file systems of some TiB; xfs_repair reserves much more than it uses.</summary>
    private const string MemoryLimit = "--as=8589934592";

    private const int LargestOutput = 64 * 1024;

    /// <summary>Checks volumes one after another.</summary>
    /// <param name="volumes">The volumes; what holds no file system that is checked is left out.</param>
    /// <param name="budget">Time for all of them together.</param>
    /// <param name="clock">Measures it.</param>
    /// <param name="cancel">Gives up.</param>
    public IReadOnlyList<FileSystemReport> Check(IEnumerable<GuestVolume> volumes, TimeSpan budget, TimeProvider clock, CancellationToken cancel)
    {
        using var time = new CancellationTokenSource(budget, clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel, time.Token);
        var reports = new List<FileSystemReport>();
        foreach (var volume in volumes)
        {
            if (FileSystemTool.For(volume.Content) is not { } tool)
                continue;
            var start = clock.GetTimestamp();
            var (state, note) = Check(volume, tool, budget, stop.Token);
            cancel.ThrowIfCancellationRequested();
            reports.Add(new FileSystemReport(volume, state, note, clock.GetElapsedTime(start))
            {
                IsFlagged = volume.Map is { } map && ExtState.HasErrors(map, volume.Content!),
                Remedy = $"Run {tool.Repair} on it in the guest, from a rescue system where it is in use, and export the guest again.",
            });
        }

        return reports;
    }

    private (FileSystemState State, string? Note) Check(GuestVolume volume, FileSystemTool tool, TimeSpan budget, CancellationToken stop)
    {
        if (means is { ByKernel: false } or { Appliance: not null } || volume.Map is null)
            return (FileSystemState.Unchecked, "only root checks file systems, with --backend direct");
        if (ToolPackages.Find(tool.Program) is null)
            return (FileSystemState.Unchecked, $"{tool.Program} is not installed (package {ToolPackages.Of(tool.Program)})");
        if (stop.IsCancellationRequested)
            return (FileSystemState.Unfinished, $"not begun: {budget.TotalSeconds:0} s were over");
        try
        {
            var file = files.Open(volume);
            using var device = mounts.Run(() => LoopDevice.Create(file.File, file.Offset, file.Length, readOnly: true, volume.Device));
            return Run(tool, device.Path, volume.Device, stop);
        }
        catch (OperationCanceledException)
        {
            return (FileSystemState.Unfinished, $"not checked to its end: {budget.TotalSeconds:0} s were over");
        }
        catch (MountFailure unmapped)
        {
            return (FileSystemState.Unchecked, unmapped.Message);
        }
    }

    private (FileSystemState State, string? Note) Run(FileSystemTool tool, string device, string name, CancellationToken stop)
    {
        var plain = tool.CommandFor(device);
        var boxed = new Command("setpriv", ["--no-new-privs", "--inh-caps=-all", "--bounding-set=-all", "--", "prlimit", MemoryLimit, "--core=0", "--", ToolPackages.Find(plain.Program)!, .. plain.Arguments]);
        var output = string.Empty;
        using var child = ChildProcess.Start(
            mounts.Inside(boxed) with { Grace = TimeSpan.FromSeconds(1), Environment = new Dictionary<string, string?> { ["LC_ALL"] = "C.UTF-8" } },
            stream => output = Beginning(stream));
        var exitCode = child.Wait(stop);
        return exitCode == 0 ? (FileSystemState.Clean, null)
            : tool.IsDamaged(exitCode) ? (FileSystemState.Errors, $"{tool.Program}: {FileSystemTool.Summary($"{output}\n{child.ErrorTail}", device, name)}")
            : (FileSystemState.Unchecked, $"{tool.Program} could not check it (exit code {exitCode}): {FileSystemTool.Summary($"{child.ErrorTail}\n{output}", device, name)}");
    }

    /// <summary>A damaged file system makes a tool say much; its first findings will do.</summary>
    private static string Beginning(Stream stream)
    {
        var kept = new byte[LargestOutput];
        var length = stream.ReadAtLeast(kept, kept.Length, throwOnEndOfStream: false);
        stream.CopyTo(Stream.Null);
        return Encoding.UTF8.GetString(kept, 0, length);
    }
}
