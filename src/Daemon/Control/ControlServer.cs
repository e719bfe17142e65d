using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Daemon.Configuration;
using Hyper2Kvm.Daemon.Control.Http;
using Hyper2Kvm.Daemon.Control.Sockets;
using Serilog;

namespace Hyper2Kvm.Daemon.Control;

/// <summary>All the ways to talk to the daemon: the control socket, and HTTP where it is wanted.</summary>
internal sealed class ControlServer : IAsyncDisposable
{
    /// <summary>Name of the control socket in the daemon's own folder.</summary>
    public const string ControlName = "control.sock";

    /// <summary>Name of HTTP's socket there.</summary>
    public const string HttpName = "http.sock";

    private readonly ControlSocket _control;
    private readonly SocketFile? _httpFile;

    private ControlServer(ControlSocket control, SocketFile? httpFile, HttpServer? http) => (_control, _httpFile, Http) = (control, httpFile, http);

    /// <summary>HTTP, where it is wanted.</summary>
    public HttpServer? Http { get; }

    /// <summary>Makes the sockets and serves them.</summary>
    /// <param name="settings">Who may talk, and how.</param>
    /// <param name="stateDirectory">The daemon's own folder, which is there.</param>
    /// <param name="daemon">The daemon.</param>
    /// <param name="metrics">Gives the metrics as Prometheus text.</param>
    /// <param name="log">What goes wrong.</param>
    /// <param name="clock">The time.</param>
    /// <param name="limits">What one client may cost.</param>
    /// <exception cref="StepException">A socket is served already or cannot be made (<see cref="ErrorCodes.DaemonState"/>), or the settings are wrong (<see cref="ErrorCodes.Configuration"/>).</exception>
    public static ControlServer Start(
        ControlSettings settings, string stateDirectory, IDaemonControl daemon, Func<string> metrics, ILogger log, TimeProvider? clock = null, ControlLimits? limits = null)
    {
        limits ??= new ControlLimits();
        var dispatcher = new ControlDispatcher(daemon, clock ?? TimeProvider.System, log);
        var made = new Stack<IDisposable>();
        try
        {
            var control = Keep(SocketFile.Bind(Path.Combine(stateDirectory, ControlName), settings.Group));
            var httpFile = settings.Http ? Keep(SocketFile.Bind(Path.Combine(stateDirectory, HttpName), settings.Group)) : null;
            var endPoints = new List<HttpEndPoint>();
            if (httpFile is not null)
            {
                endPoints.Add(new HttpEndPoint(httpFile.Listener, null));
            }

            if (settings.HttpListen is not null)
            {
                endPoints.Add(HttpEndPoint.OnLoopback(settings.HttpListen, BearerToken.Read(settings.HttpToken)));
            }

            var http = endPoints.Count == 0 ? null : new HttpServer(endPoints, new HttpApi(dispatcher, metrics, limits).Create, limits, log);
            return new ControlServer(new ControlSocket(control, dispatcher, limits, log), httpFile, http);
        }
        catch (StepException)
        {
            foreach (var half in made)
            {
                half.Dispose();
            }

            throw;
        }

        SocketFile Keep(SocketFile file)
        {
            made.Push(file);
            return file;
        }
    }

    /// <summary>Takes no more clients, and lets all go once their answers are sent.</summary>
    public async ValueTask DisposeAsync()
    {
        await _control.DisposeAsync().ConfigureAwait(false);
        _httpFile?.RemoveName();
        if (Http is not null)
        {
            await Http.DisposeAsync().ConfigureAwait(false);
        }
    }
}
