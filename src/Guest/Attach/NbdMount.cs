using Hyper2Kvm.Core.Errors;
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
    private static readonly TimeSpan ReadyDeadline = TimeSpan.FromSeconds(30);

    private readonly MountNamespace _namespace;
    private readonly ChildProcess _process;
    private readonly GuestDiskSource _source;
    private readonly int _index;
    private readonly uint _emptyFileDevice;

    private NbdMount(MountNamespace mounts, ChildProcess process, GuestDiskSource source, int index, string filePath, uint emptyFileDevice)
    {
        _namespace = mounts;
        _process = process;
        _source = source;
        _index = index;
        FilePath = filePath;
        _emptyFileDevice = emptyFileDevice;
    }

    /// <summary>The file, seen only inside the namespace.</summary>
    public string FilePath { get; }

    /// <summary>Starts nbdfuse; does not wait.</summary>
    /// <param name="mounts">Where it mounts.</param>
    /// <param name="index">Index of the guest's disk, from 0.</param>
    /// <param name="source">The socket.</param>
    /// <param name="filePath">Where the file is to be; an empty one is made there.</param>
    public static NbdMount Start(MountNamespace mounts, int index, GuestDiskSource source, string filePath)
    {
        var device = mounts.Run(() =>
        {
            File.WriteAllBytes(filePath, []);
            return DeviceOf(filePath) ?? 0;
        });
        var arguments = new List<string>();
        if (source.ReadOnly)
        {
            arguments.Add("-r");
        }

        // Straight to the NBD server, by path: no URI, whose escaping nbdfuse would have to undo.
        arguments.AddRange([filePath, "--unix", source.Path]);
        var process = ChildProcess.Start(mounts.Inside(new Command("nbdfuse", arguments)));
        return new NbdMount(mounts, process, source, index, filePath, device);
    }

    /// <summary>Waits until the file is there. Runs inside the namespace. Looked at every millisecond: nbdfuse takes 10 to 30.</summary>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="StepException">nbdfuse ended or was not ready within 30 s (<see cref="ErrorCodes.ConvertDisk"/>).</exception>
    public void WaitUntilReady(CancellationToken cancel)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (DeviceOf(FilePath) is not { } device || device == _emptyFileDevice)
        {
            if (_process.HasExited || TimeProvider.System.GetElapsedTime(start) > ReadyDeadline)
            {
                _process.Kill();
                _process.Wait(CancellationToken.None);
                var reason = _process.ErrorTail.Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault() ?? "nbdfuse did not become ready and said nothing";
                throw new StepException(ErrorCodes.ConvertDisk, $"disk {_index} ({_source.Path}) cannot be attached: {reason}", disk: _index);
            }

            cancel.WaitHandle.WaitOne(1);
            cancel.ThrowIfCancellationRequested();
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

    private static uint? DeviceOf(string path)
    {
        using var nowhere = new Microsoft.Win32.SafeHandles.SafeFileHandle(NativeMethods.WorkingDirectory, ownsHandle: false);
        return NativeMethods.Statx(nowhere, path, NativeMethods.NoFollow, 0, out var status) == 0
            ? (status.DeviceMajor << 20) | status.DeviceMinor
            : null;
    }
}
