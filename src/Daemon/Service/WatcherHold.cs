using Hyper2Kvm.Daemon.Configuration;
using Hyper2Kvm.Daemon.Watching;
using Serilog;

namespace Hyper2Kvm.Daemon.Service;

/// <summary>The watcher of the daemon: made anew where a configuration that was read again gives it other times.</summary>
internal sealed class WatcherHold : IDisposable
{
    private readonly Lock _lock = new();
    private readonly IArrivals _arrivals;
    private readonly ILogger _log;
    private TimeSpan _stableTimeout;
    private Watcher _watcher;

    /// <summary>Begins to watch.</summary>
    /// <param name="configuration">What it says.</param>
    /// <param name="arrivals">Takes what arrives.</param>
    /// <param name="log">The log.</param>
    public WatcherHold(DaemonConfiguration configuration, IArrivals arrivals, ILogger log)
    {
        (_arrivals, _log) = (arrivals, log);
        _watcher = Begin(configuration);
    }

    /// <summary>Takes what a configuration that was read again says.</summary>
    /// <param name="configuration">What it says.</param>
    public void Renew(DaemonConfiguration configuration)
    {
        lock (_lock)
        {
            if (configuration.FileStableTimeout != _stableTimeout)
            {
                _watcher.Dispose();
                _watcher = Begin(configuration);
            }
            else
            {
                _watcher.Rescan();
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _watcher.Dispose();
        }
    }

    private Watcher Begin(DaemonConfiguration configuration)
    {
        _stableTimeout = configuration.FileStableTimeout;
        var watcher = new Watcher(configuration, _arrivals, _log);
        watcher.Start();
        return watcher;
    }
}
