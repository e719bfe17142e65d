using System.Collections.Concurrent;
using System.Net.Sockets;
using Serilog;

namespace Hyper2Kvm.Daemon.Control.Sockets;

/// <summary>The control socket: takes clients and serves each, without a thread of its own for any.</summary>
internal sealed class ControlSocket : IAsyncDisposable
{
    private static readonly TimeSpan AfterFailure = TimeSpan.FromMilliseconds(200);

    private readonly SocketFile _file;
    private readonly ControlDispatcher _dispatcher;
    private readonly ControlLimits _limits;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<Socket, Task> _clients = new();
    private readonly Task _accepting;

    /// <summary>Starts to take clients.</summary>
    /// <param name="file">The socket; disposed with this.</param>
    /// <param name="dispatcher">Who answers.</param>
    /// <param name="limits">What a client may cost.</param>
    /// <param name="log">What goes wrong.</param>
    public ControlSocket(SocketFile file, ControlDispatcher dispatcher, ControlLimits limits, ILogger log)
    {
        (_file, _dispatcher, _limits, _log) = (file, dispatcher, limits, log);
        _accepting = Task.Run(AcceptAsync);
    }

    /// <summary>Takes no more clients, waits a moment for answers that are under way, and lets all go.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _file.Dispose();
        await _accepting.ConfigureAwait(false);
        await Task.WhenAny(Task.WhenAll(_clients.Values), Task.Delay(_limits.Farewell)).ConfigureAwait(false);
        foreach (var client in _clients.Keys)
        {
            client.Dispose();
        }

        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                Take(await _file.Listener.AcceptAsync(_stop.Token).ConfigureAwait(false));
            }
            catch (Exception ended) when (ended is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException failure)
            {
                // No descriptor is free, for example: the next moment there may be one.
                _log.Warning("control: a client could not be taken: {Message}", failure.Message);
                await Task.Delay(AfterFailure).ConfigureAwait(false);
            }
        }
    }

    private void Take(Socket client)
    {
        var refused = _clients.Count >= _limits.Connections ? new ControlException(ControlError.TooMany, $"{_limits.Connections} clients are connected, and no more are served") : null;
        var served = new TaskCompletionSource();
        _clients[client] = served.Task;
        _ = Task.Run(async () =>
        {
            try
            {
                await (refused is null
                    ? new ControlConnection(client, _dispatcher, _limits).ServeAsync(_stop.Token)
                    : ControlConnection.TryRefuseAsync(client, refused, _limits.Farewell)).ConfigureAwait(false);
            }
            catch (Exception defect)
            {
                _log.Error(defect, "control: a client was dropped");
            }
            finally
            {
                _clients.TryRemove(client, out _);
                client.Dispose();
                served.SetResult();
            }
        });
    }
}
