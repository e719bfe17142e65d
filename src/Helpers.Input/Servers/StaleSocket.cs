using System.Net.Sockets;
using System.Text;
using Hyper2Kvm.Core.Errors;

namespace Hyper2Kvm.Helpers.Input.Servers;

/// <summary>Makes room for a server's socket.</summary>
internal static class StaleSocket
{
    /// <summary>Longest path of a Unix socket, bytes (unix(7): sun_path has 108 with the final zero).</summary>
    private const int LongestPath = 107;

    /// <summary>Removes a socket that nobody serves any more; a killed server leaves one.</summary>
    /// <param name="path">The socket.</param>
    /// <exception cref="StepException">It is being served, or its path is too long (<see cref="ErrorCodes.WorkDirectory"/>).</exception>
    public static void Remove(string path)
    {
        if (Encoding.UTF8.GetByteCount(path) > LongestPath)
        {
            throw new StepException(ErrorCodes.WorkDirectory, $"the path of a socket has at most {LongestPath} bytes: {path} is longer", "Choose a work directory with a shorter path.");
        }

        if (!File.Exists(path))
        {
            return;
        }

        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException)
        {
            File.Delete(path);
            return;
        }

        throw new StepException(ErrorCodes.WorkDirectory, $"{path} is being served by another input step", "Use another work directory, or end the servers of this one: hyper2kvm cleanup DIR.");
    }
}
