using System.Net;
using System.Net.Sockets;

namespace Hyper2Kvm.Nbd;

/// <summary>Where a server listens, and which of its exports is meant. The URI form is that of the NBD project's uri.md.</summary>
public sealed record NbdEndpoint
{
    /// <summary>The IANA port of NBD.</summary>
    public const int DefaultPort = 10809;

    private NbdEndpoint(string? socketPath, string? host, int port, string exportName)
    {
        SocketPath = socketPath;
        Host = host;
        Port = port;
        ExportName = exportName;
    }

    /// <summary>The path of a Unix socket, or null for TCP.</summary>
    public string? SocketPath { get; }

    /// <summary>The host, or null for a Unix socket.</summary>
    public string? Host { get; }

    /// <summary>The TCP port; 0 for a Unix socket.</summary>
    public int Port { get; }

    /// <summary>The export's name; empty is the default export.</summary>
    public string ExportName { get; }

    /// <summary>A server on a Unix socket.</summary>
    /// <param name="path">The socket's path (at most 107 bytes, see unix(7)).</param>
    /// <param name="exportName">The export.</param>
    public static NbdEndpoint Unix(string path, string exportName = "") => new(path, null, 0, exportName);

    /// <summary>A server on TCP.</summary>
    /// <param name="host">Name or address.</param>
    /// <param name="port">The port.</param>
    /// <param name="exportName">The export.</param>
    public static NbdEndpoint Tcp(string host, int port = DefaultPort, string exportName = "") => new(null, host, port, exportName);

    /// <summary>Reads <c>nbd+unix:///NAME?socket=PATH</c>, <c>nbd://HOST[:PORT]/NAME</c>, or the bare path of a socket.</summary>
    /// <param name="text">A URI or a path.</param>
    /// <exception cref="FormatException">It is neither.</exception>
    public static NbdEndpoint Parse(string text)
    {
        ArgumentException.ThrowIfNullOrEmpty(text);
        if (!IsUri(text)) return Unix(text);
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri)) throw new FormatException($"'{text}' is not a URI.");
        var path = uri.AbsolutePath;
        var name = Uri.UnescapeDataString(path.StartsWith('/') ? path[1..] : path); // uri.md: one slash parts the name from the host.
        return uri.Scheme switch
        {
            "nbd+unix" => Unix(SocketOf(uri) ?? throw new FormatException($"'{text}' has no ?socket=PATH."), name),
            "nbd" => Tcp(uri.IdnHost, uri.Port > 0 ? uri.Port : DefaultPort, name),
            "nbds" or "nbds+unix" => throw new FormatException($"'{text}': NBD over TLS is not supported; serve the disk on a Unix socket, or go through a tunnel."),
            _ => throw new FormatException($"'{text}': the scheme is not nbd or nbd+unix."),
        };
    }

    /// <summary>Is this text a URI, of whatever scheme, rather than a path?</summary>
    /// <param name="text">A URI or a path.</param>
    public static bool IsUri(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.IndexOf("://", StringComparison.Ordinal) is > 0 and var colon && Uri.CheckSchemeName(text[..colon]);
    }

    /// <summary>The URI.</summary>
    public override string ToString() => SocketPath is not null
        ? $"nbd+unix:///{Uri.EscapeDataString(ExportName)}?socket={SocketPath}"
        : $"nbd://{Host}:{Port}/{Uri.EscapeDataString(ExportName)}";

    internal Socket Open(TimeSpan timeout)
    {
        var socket = SocketPath is not null
            ? new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
            : new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            // Blocking sockets with SO_RCVTIMEO and SO_SNDTIMEO: the kernel keeps the deadline of every wait.
            socket.ReceiveTimeout = Milliseconds(timeout);
            socket.SendTimeout = Milliseconds(timeout);
            if (SocketPath is not null)
            {
                socket.Connect(new UnixDomainSocketEndPoint(SocketPath));
            }
            else
            {
                socket.NoDelay = true;
                KeepAlive(socket);
                socket.Connect(new DnsEndPoint(Host!, Port));
            }

            return socket;
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            socket.Dispose();
            throw new NbdConnectionException($"{this}: cannot connect: {e.Message}", e);
        }
    }

    /// <summary>For the deadlines of a socket, which know no zero.</summary>
    internal static int Milliseconds(TimeSpan timeout) => (int)Math.Clamp(timeout.TotalMilliseconds, 1, int.MaxValue);

    /// <summary>While a flush is waited for nothing is sent, and a host that is gone would not be missed: it is asked after half a minute, and given up after another.</summary>
    private static void KeepAlive(Socket socket)
    {
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 30);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 10);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, 3);
    }

    private static string? SocketOf(Uri uri)
    {
        foreach (var part in uri.Query.TrimStart('?').Split('&'))
        {
            if (part.StartsWith("socket=", StringComparison.Ordinal)) return Uri.UnescapeDataString(part["socket=".Length..]);
        }

        return null;
    }
}
