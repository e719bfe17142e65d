using Hyper2Kvm.Core.Processes;
using Hyper2Kvm.Guest.Mounting;
using Hyper2Kvm.Guest.Native;

namespace Hyper2Kvm.Guest.Attach;

/// <summary>An NBD server shown as one file by nbdfuse, inside the private mount namespace.</summary>
/// <remarks>
/// Start all of a guest first, then wait for each: they come up side by side. The file is mounted over an empty one
/// (nbdfuse's "naked" mount point), so ready means: its device number has changed.
/// </remarks>
internal sealed class NbdMount : IDisposable
{
    private readonly MountNamespace _namespace;
    private readonly ChildProcess _process;
    private readonly uint _emptyFileDevice;

    private NbdMount(MountNamespace mounts, ChildProcess process, string filePath, uint emptyFileDevice)
    {
        _namespace = mounts;
        _process = process;
        FilePath = filePath;
        _emptyFileDevice = emptyFileDevice;
    }

    /// <summary>The file, seen only inside the namespace.</summary>
    public string FilePath { get; }

    /// <summary>Starts nbdfuse; does not wait.</summary>
    /// <param name="mounts">Where it mounts.</param>
    /// <param name="source">The socket.</param>
    /// <param name="filePath">Where the file is to be; an empty one is made there.</param>
    /// <param name="frugal">Make do with one connection: the server has refused some.</param>
    public static NbdMount Start(MountNamespace mounts, GuestDiskSource source, string filePath, bool frugal)
    {
        var device = mounts.Run(() =>
        {
            File.WriteAllBytes(filePath, []);
            return MountPointState.DeviceOf(filePath) ?? 0;
        });
        var arguments = new List<string>();
        if (source.ReadOnly)
        {
            arguments.Add("-r");
        }

        if (frugal)
        {
            arguments.AddRange(["--connections", "1"]);
        }

        // Straight to the NBD server, by path: no URI, whose escaping nbdfuse would have to undo.
        arguments.AddRange([filePath, "--unix", source.Path]);
        var process = ChildProcess.Start(mounts.Inside(new Command("nbdfuse", arguments) { Environment = new Dictionary<string, string?> { ["LC_ALL"] = "C" } }));
        return new NbdMount(mounts, process, filePath, device);
    }

    /// <summary>Waits until the file is there. Runs inside the namespace.</summary>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="AttachFailure">nbdfuse ended or was not ready within 30 s.</exception>
    public void WaitUntilReady(CancellationToken cancel)
    {
        if (!MountPointState.WaitForMount(FilePath, _emptyFileDevice, _process, cancel))
        {
            _process.Kill();
            _process.Wait(CancellationToken.None);
            throw AttachFailure.Of(_process.ErrorTail.Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault() ?? "nbdfuse did not become ready and said nothing");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // Our view of the file goes; nbdfuse unmounts its own, in the namespace that it was left behind in, when it is told to end.
        _namespace.Run(() => NativeMethods.Unmount(FilePath, NativeMethods.UnmountDetach | NativeMethods.UnmountNoFollow));
        _process.Stop();
        _process.Dispose();
    }
}
