using System.Net.Sockets;
using System.Text;

namespace Hyper2Kvm.Daemon.Tests.Control.Support;

/// <summary>A client of the control socket that can also behave badly. Everything it waits for has a limit.</summary>
internal sealed class ControlClient : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Socket _socket;
    private readonly StreamReader _reader;

    private ControlClient(Socket socket)
    {
        _socket = socket;
        _reader = new StreamReader(new NetworkStream(socket));
    }

    public static async Task<ControlClient> ConnectAsync(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path)).WaitAsync(Patience);
        return new ControlClient(socket);
    }

    public async Task<string> AskAsync(string line)
    {
        await SendAsync(line + "\n");
        return (await ReadLineAsync())!;
    }

    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text));

    public async Task SendAsync(byte[] bytes)
    {
        for (var sent = 0; sent < bytes.Length;)
        {
            sent += await _socket.SendAsync(bytes.AsMemory(sent)).AsTask().WaitAsync(Patience);
        }
    }

    /// <summary>Sends until the other side does not take more, or is gone; how many bytes it took.</summary>
    public async Task<long> SendUntilDroppedAsync(byte[] bytes)
    {
        var sent = 0L;
        try
        {
            while (true)
            {
                sent += await _socket.SendAsync(bytes).WaitAsync(Patience);
            }
        }
        catch (SocketException)
        {
            return sent;
        }
    }

    /// <summary>The next line; <see langword="null"/> where the other side has closed.</summary>
    public async Task<string?> ReadLineAsync()
    {
        try
        {
            return await _reader.ReadLineAsync().WaitAsync(Patience);
        }
        catch (IOException)
        {
            return null;
        }
    }

    public void EndSending() => _socket.Shutdown(SocketShutdown.Send);

    public void Dispose()
    {
        _reader.Dispose();
        _socket.Dispose();
    }
}
