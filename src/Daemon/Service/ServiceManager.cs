using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Hyper2Kvm.Daemon.Service;

/// <summary>Tells systemd how the daemon is (sd_notify(3)); nothing where no NOTIFY_SOCKET is set.</summary>
internal sealed class ServiceManager
{
    private readonly string? _socket = Environment.GetEnvironmentVariable("NOTIFY_SOCKET") is { Length: > 0 } path ? path : null;

    /// <summary>How often the watchdog wants to hear of us: half of its time; <see langword="null"/> without one.</summary>
    public TimeSpan? WatchdogInterval { get; } =
        long.TryParse(Environment.GetEnvironmentVariable("WATCHDOG_USEC"), NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds) && microseconds > 0
            ? TimeSpan.FromMicroseconds(microseconds / 2.0)
            : null;

    /// <summary>Sends lines such as <c>READY=1</c>.</summary>
    /// <param name="lines">The lines.</param>
    public void Notify(params string[] lines)
    {
        if (_socket is null)
        {
            return;
        }

        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);

            // "@" stands for the abstract namespace's leading zero byte (unix(7)).
            socket.SendTo(Encoding.UTF8.GetBytes(string.Join('\n', lines)), new UnixDomainSocketEndPoint(_socket[0] == '@' ? $"\0{_socket[1..]}" : _socket));
        }
        catch (SocketException)
        {
            // Nobody listens any more; the watchdog will say so.
        }
    }
}
