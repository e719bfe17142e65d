using System.Diagnostics;
using System.Net.Sockets;
using Hyper2Kvm.Nbd.Server;

namespace Hyper2Kvm.Nbd.Tests.Server;

/// <summary>A listener with a pattern disk on a socket of its own.</summary>
internal sealed class ListenerFixture : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("nbd-listener-").FullName;

    internal ListenerFixture(NbdListenerOptions? options = null, PatternDisk? disk = null)
        => Listener = NbdListener.Start(Path, disk ?? new PatternDisk(), (options ?? new NbdListenerOptions()) with { Log = Log.Enqueue });

    internal NbdListener Listener { get; }

    internal System.Collections.Concurrent.ConcurrentQueue<string> Log { get; } = new();

    internal string Path => System.IO.Path.Combine(_directory, "s");

    internal string Uri => $"nbd+unix:///?socket={Path}";

    internal string Scratch(string name) => System.IO.Path.Combine(_directory, name);

    internal NbdConnection Connect(NbdConnectionOptions? options = null) => NbdConnection.Connect(NbdEndpoint.Unix(Path), options);

    /// <summary>A socket of a client that says what it likes; five seconds for every answer.</summary>
    internal Socket Raw()
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = 5000, SendTimeout = 5000 };
        socket.Connect(new UnixDomainSocketEndPoint(Path));
        return socket;
    }

    /// <summary>Runs a program of the NBD world against it.</summary>
    internal static (int ExitCode, string Output) Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + error.Result);
    }

    public void Dispose()
    {
        Listener.Dispose();
        Directory.Delete(_directory, recursive: true);
    }
}
