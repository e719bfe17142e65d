using System.Net.Sockets;
using System.Text.Json;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Sockets;

namespace Hyper2Kvm.Ctl;

/// <summary>Asks the daemon: one connection, one request, one answer, within a time.</summary>
/// <param name="path">Path of the control socket.</param>
/// <param name="time">Most time for all of it.</param>
internal sealed class ControlClient(string path, TimeSpan time)
{
    /// <summary>Longest answer that is read, bytes: 10,000 lines of a log, with room to spare.</summary>
    private const int LongestAnswer = 256 * 1024 * 1024;

    /// <summary>Asks.</summary>
    /// <param name="command">The command.</param>
    /// <param name="fields">Its fields; those without a value are left out.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>The answer, a line without its end.</returns>
    /// <exception cref="StepException">Nobody serves the socket, or answers in time (<see cref="ErrorCodes.DaemonUnreachable"/>); or this user may not connect (<see cref="ErrorCodes.HostPermission"/>).</exception>
    public byte[] Ask(string command, IReadOnlyDictionary<string, object?> fields, CancellationToken cancel)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        deadline.CancelAfter(time);
        try
        {
            using var address = UnixSocketAddress.Of(path);
            using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            return Exchange(socket, address.EndPoint, Request(command, fields), deadline.Token).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new StepException(ErrorCodes.DaemonUnreachable, $"the daemon behind {path} did not answer within {time.TotalSeconds:0.###} s", "Try again with --timeout SECONDS; look at its log (journalctl -u hyper2kvm).");
        }
        catch (SocketException denied) when (denied.SocketErrorCode == SocketError.AccessDenied)
        {
            throw new StepException(ErrorCodes.HostPermission, $"{path} may not be used by this user", "Run as the daemon's user, or join the group that control.group names.", denied);
        }
        catch (Exception failure) when (failure is SocketException or IOException)
        {
            throw File.Exists(path)
                ? new StepException(ErrorCodes.DaemonUnreachable, $"nobody answers on {path}: {failure.Message}", "Is the daemon running? systemctl status hyper2kvm", failure)
                : new StepException(ErrorCodes.DaemonUnreachable, $"daemon control socket not found: {path}", "Is the daemon running? systemctl status hyper2kvm; another output folder is named with --output-dir.", failure);
        }
    }

    private static async Task<byte[]> Exchange(Socket socket, UnixDomainSocketEndPoint place, byte[] request, CancellationToken cancel)
    {
        await socket.ConnectAsync(place, cancel).ConfigureAwait(false);
        for (var sent = 0; sent < request.Length;)
        {
            sent += await socket.SendAsync(request.AsMemory(sent), SocketFlags.None, cancel).ConfigureAwait(false);
        }

        var answer = new byte[4096];
        var length = 0;
        while (true)
        {
            if (length == answer.Length)
            {
                Array.Resize(ref answer, length < LongestAnswer ? length * 2 : throw new IOException("the answer does not end"));
            }

            var got = await socket.ReceiveAsync(answer.AsMemory(length), SocketFlags.None, cancel).ConfigureAwait(false);
            var end = answer.AsSpan(length, got).IndexOf((byte)'\n');
            if (end >= 0)
            {
                return answer[..(length + end)];
            }

            length += got > 0 ? got : throw new IOException("the connection was closed before the answer");
        }
    }

    private static byte[] Request(string command, IReadOnlyDictionary<string, object?> fields)
    {
        using var bytes = new MemoryStream();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            writer.WriteStartObject();
            writer.WriteString("command", command);
            foreach (var (name, value) in fields)
            {
                if (value is int number)
                {
                    writer.WriteNumber(name, number);
                }
                else if (value is string text)
                {
                    writer.WriteString(name, text);
                }
            }

            writer.WriteEndObject();
        }

        bytes.WriteByte((byte)'\n');
        return bytes.ToArray();
    }
}
