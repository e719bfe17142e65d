using Hyper2Kvm.Core.Processes;
using Hyper2Kvm.Guest.Attach;
using Hyper2Kvm.Guest.Native;
using Microsoft.Win32.SafeHandles;

namespace Hyper2Kvm.Guest.Mounting.Fuse;

/// <summary>A file system mounted by a FUSE server among the servers of the disks; from there its mount is handed over.</summary>
/// <remarks>
/// The server must not be the last in a namespace that holds its own mount: see <see cref="MountNamespace"/>. So it runs where nbdfuse does, its mount
/// is copied (open_tree(2)) and taken away there, and only the copy is attached where the guest is. For the moment between, it is kept from the type
/// fuseblk, whose unmounting waits for the server (<see cref="MountNamespace.HideFuseBlock"/>).
/// </remarks>
internal sealed class FuseServer : IDisposable
{
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(60);

    private readonly ChildProcess _process;
    private readonly string _program;

    private FuseServer(ChildProcess process, SafeFileHandle mount, string program, string options)
    {
        _process = process;
        _program = program;
        Mount = mount;
        Options = options;
    }

    /// <summary>The mount, attached nowhere.</summary>
    public SafeFileHandle Mount { get; }

    /// <summary>Options that it was started with, beyond nosuid, nodev, noexec.</summary>
    public string Options { get; }

    /// <summary>What it said of the volume.</summary>
    public string Words => Said(_process, _program);

    /// <summary>Starts a server and waits until its mount is there.</summary>
    /// <param name="mounts">The namespaces.</param>
    /// <param name="place">Name for a mount point, unique in the namespace.</param>
    /// <param name="options">Options of the file system, for <see cref="Options"/>.</param>
    /// <param name="command">The server in the foreground, for a mount point.</param>
    /// <param name="whenMounted">Called with the path while it is mounted there.</param>
    /// <exception cref="MountFailure">It ended, or was not ready within 30 s.</exception>
    public static FuseServer Start(MountNamespace mounts, string place, string options, Func<string, Command> command, Action<string>? whenMounted = null)
        => mounts.Servers.Run(() =>
        {
            mounts.HideFuseBlock();
            var path = Path.Combine(mounts.Directory, place);
            Directory.CreateDirectory(path);
            var empty = MountPointState.DeviceOf(path);
            var start = command(path);
            var process = ChildProcess.Start(mounts.Servers.Inside(start with { Environment = new Dictionary<string, string?> { ["LC_ALL"] = "C.UTF-8" } }));
            try
            {
                if (!MountPointState.WaitForMount(path, empty, process, CancellationToken.None))
                {
                    process.Kill();
                    process.Wait(CancellationToken.None);
                    throw new MountFailure($"{start.Program}: {Said(process, start.Program)}", Errno.Io);
                }

                whenMounted?.Invoke(path);
                return new FuseServer(process, Take(path), start.Program, options);
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

    /// <summary>Copies the mount that a path lies on, from there downwards, attached nowhere. Runs where the path is.</summary>
    /// <param name="path">A directory.</param>
    /// <exception cref="MountFailure">It cannot be.</exception>
    public static SafeFileHandle Take(string path)
    {
        var descriptor = NativeMethods.CloneMount(path);
        var errno = SystemError.Last;
        return descriptor >= 0
            ? new SafeFileHandle(descriptor, ownsHandle: true)
            : throw new MountFailure($"its mount cannot be handed over: {SystemError.Text(errno)}", errno);
    }

    /// <summary>Lets go of the mount and waits until the server has written all and ended. To be called when it is unmounted everywhere else.</summary>
    /// <returns>What went wrong, for people; <see langword="null"/> where nothing did.</returns>
    public string? End()
    {
        Mount.Dispose();
        return _process.WaitFor(LongestEnd) ? (_process.Wait() == 0 ? null : Words) : $"{_program} did not end";
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Mount.Dispose();
        _process.Stop();
        _process.Dispose();
    }

    /// <summary>Its first two lines: what is wrong comes before what to do in general.</summary>
    private static string Said(ChildProcess process, string program)
        => process.ErrorTail.Split('\n', StringSplitOptions.RemoveEmptyEntries) is { Length: > 0 } lines ? string.Join(' ', lines.Take(2)) : $"{program} said nothing";
}
