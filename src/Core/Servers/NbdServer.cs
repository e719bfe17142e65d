using System.Net.Sockets;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Processes;

namespace Hyper2Kvm.Core.Servers;

/// <summary>A running NBD server (nbdkit or qemu-nbd) on a Unix socket.</summary>
/// <remarks>Start all servers of a guest first, then wait for each: they come up side by side, in milliseconds.</remarks>
public sealed class NbdServer : IDisposable
{
    private const int AnswerMilliseconds = 5000;

    private static readonly TimeSpan ReadyDeadline = TimeSpan.FromSeconds(30);

    /// <summary>Client flags (fixed newstyle, no zeroes), then NBD_OPT_ABORT without data (NBD protocol, "Newstyle negotiation").</summary>
    private static readonly byte[] Leave = [0, 0, 0, 3, .. "IHAVEOPT"u8, 0, 0, 0, 2, 0, 0, 0, 0];

    private readonly ChildProcess _process;
    private readonly ErrorCode _failure;

    private NbdServer(ChildProcess process, string socketPath, string description, ErrorCode failure)
    {
        _process = process;
        _failure = failure;
        SocketPath = socketPath;
        Description = description;
    }

    /// <summary>The socket.</summary>
    public string SocketPath { get; }

    /// <summary>What it serves, for messages.</summary>
    public string Description { get; }

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>Last lines that it wrote to standard error.</summary>
    public string ErrorTail => _process.ErrorTail;

    /// <summary>Process id.</summary>
    public int ProcessId => _process.Id;

    /// <summary>Starts a server; does not wait.</summary>
    /// <param name="command">nbdkit or qemu-nbd in the foreground, told to listen on <paramref name="socketPath"/>: see <see cref="NbdkitCommand"/> and <see cref="QemuNbdCommand"/>.</param>
    /// <param name="socketPath">The socket that it makes.</param>
    /// <param name="description">What it serves, for messages ("disk 0, /path/x.vmdk").</param>
    /// <param name="failure">The failure that it means when it does not come up.</param>
    /// <param name="log">Called with each line of its standard error.</param>
    public static NbdServer Start(Command command, string socketPath, string description, ErrorCode failure, Action<string>? log = null)
        => new(ChildProcess.Start(command, errorLine: log), socketPath, description, failure);

    /// <summary>Waits until the socket accepts a connection. Looked at every millisecond at first: servers are ready in 5 to 20.</summary>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="StepException">The server ended, or was not ready within 30 s; with its last line of standard error.</exception>
    public void WaitUntilReady(CancellationToken cancel = default)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (true)
        {
            if (AcceptsConnections())
            {
                return;
            }

            var elapsed = TimeProvider.System.GetElapsedTime(start);
            if (_process.HasExited || elapsed > ReadyDeadline)
            {
                _process.Kill();
                _process.Wait(CancellationToken.None);
                throw new StepException(_failure, $"{Description}: {LastError()}");
            }

            cancel.WaitHandle.WaitOne(elapsed.TotalMilliseconds < 100 ? 1 : 10);
            cancel.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Waits until the server ends.</summary>
    /// <param name="time">Longest wait.</param>
    /// <returns>Whether it has ended.</returns>
    public bool WaitForExit(TimeSpan time) => _process.WaitFor(time);

    /// <summary>Ends the server; what it holds for a writable disk is flushed by its own SIGTERM handling.</summary>
    public void Stop() => _process.Stop();

    /// <inheritdoc/>
    public void Dispose()
    {
        _process.Stop();
        _process.Dispose();
        File.Delete(SocketPath);
    }

    /// <summary>Whether the server greets. We take leave as the protocol wants it, because one that is left in mid-sentence logs an error.</summary>
    private bool AcceptsConnections()
    {
        if (!File.Exists(SocketPath))
        {
            return false;
        }

        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = AnswerMilliseconds };
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(SocketPath));
            Span<byte> answer = stackalloc byte[64];
            var greeted = socket.Receive(answer) > 0;
            socket.Send(Leave);
            while (greeted && socket.Receive(answer) > 0)
            {
            }

            return greeted;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private string LastError()
        => ErrorTail.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault()
            ?? "the server did not become ready and said nothing";
}
