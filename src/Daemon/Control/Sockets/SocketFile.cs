using System.Net.Sockets;
using System.Runtime.InteropServices;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Sockets;
using Hyper2Kvm.Daemon.Native;

namespace Hyper2Kvm.Daemon.Control.Sockets;

/// <summary>A listening Unix socket with a name: private from its first moment, and never in the place of one that somebody serves.</summary>
internal sealed class SocketFile : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode WithGroup = OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;
    private const UnixFileMode PrivateDirectory = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const int Backlog = 128;

    private SocketFile(string path, Socket listener) => (Path, Listener) = (path, listener);

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>The socket, which listens.</summary>
    public Socket Listener { get; }

    /// <summary>Makes the socket. What a dead daemon left at its place is replaced.</summary>
    /// <param name="path">Where; its directory is there, and nobody else may write in it.</param>
    /// <param name="group">Group that may use it too (mode 0660, and the directory can be passed through); <see langword="null"/>: nobody else (mode 0600).</param>
    /// <exception cref="StepException">Somebody serves it, or something else has its place, or it cannot be made (<see cref="ErrorCodes.DaemonState"/>); or there is no such group (<see cref="ErrorCodes.Configuration"/>).</exception>
    public static SocketFile Bind(string path, string? group)
    {
        RefuseWhatIsServed(path);
        uint? number = group is null ? null : NumberOf(group);

        // Bound and given its mode in a directory that only we can enter, then renamed: at no moment can anybody else connect.
        var directory = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path))!;
        var nursery = System.IO.Path.Combine(directory, $".bind-{Guid.NewGuid():N}");
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            if (!Directory.Exists(directory))
            {
                throw new DirectoryNotFoundException($"{directory} does not exist");
            }

            Directory.CreateDirectory(nursery, PrivateDirectory);
            var born = System.IO.Path.Combine(nursery, System.IO.Path.GetFileName(path));
            using (var address = UnixSocketAddress.Of(born))
            {
                listener.Bind(address.EndPoint);
            }

            if (number is { } known)
            {
                Give(born, known);
                Give(directory, known);
                File.SetUnixFileMode(directory, File.GetUnixFileMode(directory) | UnixFileMode.GroupExecute);
            }

            File.SetUnixFileMode(born, number is null ? OwnerOnly : WithGroup);
            listener.Listen(Backlog);
            File.Move(born, path, overwrite: true);
            return new SocketFile(path, listener);
        }
        catch (Exception failure) when (failure is SocketException or IOException or UnauthorizedAccessException)
        {
            listener.Dispose();
            throw new StepException(ErrorCodes.DaemonState, $"the socket {path} cannot be made: {failure.Message}", "Give this user the right to write there.", failure);
        }
        finally
        {
            if (Directory.Exists(nursery))
            {
                Directory.Delete(nursery, recursive: true);
            }
        }
    }

    /// <summary>Takes the name away: whoever finds none knows that nobody serves.</summary>
    public void RemoveName()
    {
        if (File.Exists(Path))
        {
            File.Delete(Path);
        }
    }

    /// <summary>Takes the name away, then closes the socket.</summary>
    public void Dispose()
    {
        RemoveName();
        Listener.Dispose();
    }

    private static void RefuseWhatIsServed(string path)
    {
        if (!System.IO.Path.Exists(path))
        {
            return;
        }

        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            using var address = UnixSocketAddress.Of(path);
            probe.Connect(address.EndPoint);
        }
        catch (SocketException refused) when (refused.SocketErrorCode == SocketError.ConnectionRefused && NativeMethods.Status(path) is { IsSocket: true })
        {
            return; // Its daemon is dead. (A plain file refuses connect(2) too.)
        }
        catch (SocketException busy) when (busy.SocketErrorCode is SocketError.WouldBlock or SocketError.TryAgain)
        {
            // Somebody listens, and has no time.
        }
        catch (SocketException unusable)
        {
            throw new StepException(ErrorCodes.DaemonState, $"{path} is there, and cannot be replaced: {unusable.Message}", "Look what it is, and remove it.", unusable);
        }

        throw new StepException(ErrorCodes.DaemonState, $"another daemon serves {path}", "Stop it first (hyper2kvm ctl stop), or give this one another output_dir.");
    }

    private static uint NumberOf(string group)
        => NativeMethods.GroupNumber(group)
            ?? (uint.TryParse(group, out var number) ? number : throw new StepException(ErrorCodes.Configuration, $"control.group: there is no group '{group}'", "Make it (groupadd --system), or name another."));

    private static void Give(string path, uint group)
    {
        if (!NativeMethods.GiveToGroup(path, group))
        {
            throw new IOException($"{path} cannot be given to group {group}: {Marshal.GetPInvokeErrorMessage(Marshal.GetLastPInvokeError())}");
        }
    }
}
