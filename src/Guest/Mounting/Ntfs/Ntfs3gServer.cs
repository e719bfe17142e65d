using Hyper2Kvm.Core.Processes;
using Hyper2Kvm.Guest.Attach;
using Hyper2Kvm.Guest.Native;
using Microsoft.Win32.SafeHandles;

namespace Hyper2Kvm.Guest.Mounting.Ntfs;

/// <summary>An NTFS volume mounted by ntfs-3g, a FUSE server, among the servers of the disks; from there its mount is handed over.</summary>
/// <remarks>
/// ntfs-3g must not be the last in a namespace that holds its own mount: see <see cref="MountNamespace"/>. So it runs where nbdfuse does, its mount
/// is copied (open_tree(2)) and taken away there, and only the copy is attached where the guest is. For the moment between, it is kept from the type
/// fuseblk, whose unmounting waits for the server (<see cref="MountNamespace.HideFuseBlock"/>).
/// </remarks>
internal sealed class Ntfs3gServer : IDisposable
{
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(60);

    private readonly ChildProcess _process;

    private Ntfs3gServer(ChildProcess process, SafeFileHandle mount, byte[] hibernation, string options)
    {
        _process = process;
        Mount = mount;
        Hibernation = hibernation;
        Options = options;
    }

    /// <summary>The mount, attached nowhere.</summary>
    public SafeFileHandle Mount { get; }

    /// <summary>The first bytes of hiberfil.sys; empty where there is none.</summary>
    public byte[] Hibernation { get; }

    /// <summary>Options that it was started with, beyond nosuid, nodev, noexec.</summary>
    public string Options { get; }

    /// <summary>What it said of the volume.</summary>
    public string Words => Said(_process);

    /// <summary>Starts ntfs-3g and waits until its mount is there.</summary>
    /// <param name="mounts">The namespaces.</param>
    /// <param name="device">Loop device of the volume.</param>
    /// <param name="place">Name for a mount point, unique in the namespace.</param>
    /// <param name="options">Options of ntfs-3g.</param>
    /// <exception cref="MountFailure">It ended, or was not ready within 30 s.</exception>
    public static Ntfs3gServer Start(MountNamespace mounts, string device, string place, string options)
        => mounts.Servers.Run(() =>
        {
            mounts.HideFuseBlock();
            var path = Path.Combine(mounts.Directory, place);
            Directory.CreateDirectory(path);
            var empty = MountPointState.DeviceOf(path);
            var process = ChildProcess.Start(mounts.Servers.Inside(
                new Command("ntfs-3g", device, path, "-o", $"no_detach,nosuid,nodev,noexec,noatime,{options}") { Environment = new Dictionary<string, string?> { ["LC_ALL"] = "C.UTF-8" } }));
            try
            {
                if (!MountPointState.WaitForMount(path, empty, process, CancellationToken.None))
                {
                    process.Kill();
                    process.Wait(CancellationToken.None);
                    throw new MountFailure($"ntfs: {Said(process)}", Errno.Io);
                }

                return new Ntfs3gServer(process, Take(path), NtfsState.ReadHeader(path), options);
            }
            catch
            {
                process.Dispose();
                throw;
            }
            finally
            {
                _ = NativeMethods.Unmount(path, NativeMethods.UnmountDetach | NativeMethods.UnmountNoFollow);
                Directory.Delete(path);
            }
        });

    /// <summary>Lets go of the mount and waits until ntfs-3g has written all and ended. To be called when it is unmounted everywhere else.</summary>
    /// <returns>What went wrong, for people; <see langword="null"/> where nothing did.</returns>
    public string? End()
    {
        Mount.Dispose();
        return _process.WaitFor(LongestEnd) ? (_process.Wait() == 0 ? null : Words) : "ntfs-3g did not end";
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Mount.Dispose();
        _process.Stop();
        _process.Dispose();
    }

    private static SafeFileHandle Take(string path)
    {
        var descriptor = NativeMethods.CloneMount(path);
        var errno = SystemError.Last;
        return descriptor >= 0
            ? new SafeFileHandle(descriptor, ownsHandle: true)
            : throw new MountFailure($"ntfs: its mount cannot be handed over: {SystemError.Text(errno)}", errno);
    }

    /// <summary>Its first two lines: what is wrong comes before what to do in general.</summary>
    private static string Said(ChildProcess process)
        => process.ErrorTail.Split('\n', StringSplitOptions.RemoveEmptyEntries) is { Length: > 0 } lines ? string.Join(' ', lines.Take(2)) : "ntfs-3g said nothing";
}
