using System.Net;
using System.Net.Sockets;
using Hyper2Kvm.Core.Errors;

namespace Hyper2Kvm.Daemon.Control.Http;

/// <summary>A socket that HTTP listens on.</summary>
/// <param name="Listener">The socket, bound and listening.</param>
/// <param name="Token">What callers must bear; <see langword="null"/>: the file's mode already says who may call.</param>
internal sealed record HttpEndPoint(Socket Listener, BearerToken? Token)
{
    private const int Backlog = 128;

    /// <summary>Listens on a loopback address.</summary>
    /// <param name="address"><c>127.0.0.1:PORT</c> or <c>[::1]:PORT</c>.</param>
    /// <param name="token">What callers must bear.</param>
    /// <exception cref="StepException">It is no address, no loopback address, or taken (<see cref="ErrorCodes.Configuration"/>).</exception>
    public static HttpEndPoint OnLoopback(string address, BearerToken token)
    {
        if (!IPEndPoint.TryParse(address, out var place) || !address.EndsWith($":{place.Port}", StringComparison.Ordinal))
        {
            throw new StepException(ErrorCodes.Configuration, $"control.http_listen: '{address}' is no address with a port", "Write 127.0.0.1:PORT or [::1]:PORT.");
        }

        if (!IPAddress.IsLoopback(place.Address))
        {
            throw new StepException(ErrorCodes.Configuration, $"control.http_listen: {place.Address} is no loopback address", "HTTP here is not encrypted: listen on 127.0.0.1 or [::1], and put a proxy with TLS before it.");
        }

        var listener = new Socket(place.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            listener.Bind(place);
            listener.Listen(Backlog);
            return new HttpEndPoint(listener, token);
        }
        catch (SocketException taken)
        {
            listener.Dispose();
            throw new StepException(ErrorCodes.Configuration, $"control.http_listen: {address} cannot be listened on: {taken.Message}", "Choose another port.", taken);
        }
    }
}
