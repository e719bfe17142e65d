using Hyper2Kvm.Daemon.Native;
using Microsoft.AspNetCore.Builder;
using Microsoft.Win32.SafeHandles;
using Serilog;

namespace Hyper2Kvm.Daemon.Control.Http;

/// <summary>
/// HTTP, which nobody pays for who does not use it: the sockets listen from the start, but Kestrel is made when the first client knocks,
/// and takes them over with that client still waiting.
/// </summary>
internal sealed class HttpServer : IAsyncDisposable
{
    private const int SmallStack = 256 * 1024;

    private readonly IReadOnlyList<HttpEndPoint> _endPoints;
    private readonly Func<IReadOnlyList<HttpEndPoint>, WebApplication> _make;
    private readonly ILogger _log;
    private readonly SafeFileHandle _stop = NativeMethods.OpenEvent();
    private readonly Thread _doorkeeper;
    private readonly ControlLimits _limits;
    private volatile bool _stopping;
    private WebApplication? _application;

    /// <summary>Begins to wait for the first client.</summary>
    /// <param name="endPoints">Sockets that listen; they belong to this from now on.</param>
    /// <param name="make">Makes the application on them.</param>
    /// <param name="limits">How long answers are waited for at the end.</param>
    /// <param name="log">What goes wrong.</param>
    public HttpServer(IReadOnlyList<HttpEndPoint> endPoints, Func<IReadOnlyList<HttpEndPoint>, WebApplication> make, ControlLimits limits, ILogger log)
    {
        (_endPoints, _make, _limits, _log) = (endPoints, make, limits, log);
        _doorkeeper = new Thread(WaitAndStart, SmallStack) { IsBackground = true, Name = "http" };
        _doorkeeper.Start();
    }

    /// <summary>Whether Kestrel runs.</summary>
    public bool IsAwake => _application is not null;

    /// <summary>Takes no more clients, waits a moment for answers that are under way, and closes the sockets.</summary>
    public async ValueTask DisposeAsync()
    {
        _stopping = true;
        NativeMethods.Wake(_stop);
        _doorkeeper.Join();
        if (_application is not null)
        {
            using var farewell = new CancellationTokenSource(_limits.Farewell);
            await _application.StopAsync(farewell.Token).ConfigureAwait(false);
            await _application.DisposeAsync().ConfigureAwait(false);
        }

        foreach (var endPoint in _endPoints)
        {
            endPoint.Listener.Dispose();
        }

        _stop.Dispose();
    }

    private void WaitAndStart()
    {
        NativeMethods.WaitReadable([(int)_stop.DangerousGetHandle(), .. _endPoints.Select(endPoint => (int)endPoint.Listener.Handle)]);
        if (_stopping)
        {
            return;
        }

        try
        {
            var application = _make(_endPoints);
            application.StartAsync().GetAwaiter().GetResult();
            _application = application;
        }
        catch (Exception defect)
        {
            // The control socket is still there.
            _log.Error(defect, "http: the server could not be started");
        }
    }
}
