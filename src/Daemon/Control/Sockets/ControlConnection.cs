using System.Net.Sockets;

namespace Hyper2Kvm.Daemon.Control.Sockets;

/// <summary>One client of the control socket: its requests are answered one after another, in their order.</summary>
/// <remarks>While an answer is not read, no request is: what a client can make the daemon hold is one request and one answer.</remarks>
/// <param name="socket">The client.</param>
/// <param name="dispatcher">Who answers.</param>
/// <param name="limits">What a client may cost.</param>
internal sealed class ControlConnection(Socket socket, ControlDispatcher dispatcher, ControlLimits limits)
{
    /// <summary>Serves the client until it closes, is too slow, or the daemon ends.</summary>
    /// <param name="stop">The daemon ends: what was asked is answered, no more is read.</param>
    public async Task ServeAsync(CancellationToken stop)
    {
        using var reader = new LineReader(socket, limits);
        try
        {
            while (await reader.ReadAsync(stop).ConfigureAwait(false) is { } line)
            {
                if (!(line = Trim(line)).IsEmpty)
                {
                    await SendAsync(socket, ControlContext.ToUtf8(await dispatcher.AnswerAsync(line).ConfigureAwait(false)), limits.AnswerTime).ConfigureAwait(false);
                }
            }
        }
        catch (ControlException refused)
        {
            await TryRefuseAsync(socket, refused, limits.AnswerTime).ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is SocketException or OperationCanceledException)
        {
            // The client is gone or does not read, or the daemon ends.
        }
    }

    /// <summary>Tells a client why it is dropped; one that does not listen is dropped without.</summary>
    /// <param name="socket">The client.</param>
    /// <param name="refused">Why.</param>
    /// <param name="time">Most time for it.</param>
    public static async Task TryRefuseAsync(Socket socket, ControlException refused, TimeSpan time)
    {
        try
        {
            await SendAsync(socket, ControlContext.ToUtf8(ControlDispatcher.Refusal(refused)), time).ConfigureAwait(false);
        }
        catch (Exception gone) when (gone is SocketException or OperationCanceledException)
        {
            // It does not listen.
        }
    }

    private static async Task SendAsync(Socket socket, byte[] answer, TimeSpan time)
    {
        using var deadline = new CancellationTokenSource(time);
        ReadOnlyMemory<byte> rest = (byte[])[.. answer, (byte)'\n'];
        while (rest.Length > 0)
        {
            rest = rest[await socket.SendAsync(rest, SocketFlags.None, deadline.Token).ConfigureAwait(false)..];
        }
    }

    private static ReadOnlyMemory<byte> Trim(ReadOnlyMemory<byte> line)
    {
        var kept = line.Span.Trim(" \t\r"u8);
        return kept.IsEmpty ? default : line.Slice(line.Span.IndexOf(kept), kept.Length);
    }
}
