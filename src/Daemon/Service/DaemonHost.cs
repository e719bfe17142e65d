using System.Runtime.InteropServices;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Work;
using Hyper2Kvm.Daemon.Configuration;
using Hyper2Kvm.Daemon.Control;
using Hyper2Kvm.Daemon.Outcome.Statistics;
using Hyper2Kvm.Daemon.Queue;

namespace Hyper2Kvm.Daemon.Service;

/// <summary>One life of the daemon: makes its parts, lets them run until it is stopped or drained, and takes them apart in order.</summary>
internal static class DaemonHost
{
    private const int Sigusr1 = 10;
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Runs.</summary>
    /// <param name="path">The configuration.</param>
    /// <param name="configuration">What it says.</param>
    /// <param name="stop">SIGTERM or SIGINT.</param>
    /// <returns>Exit code: 0, whether it was stopped or drained.</returns>
    /// <exception cref="StepException">Its folder cannot be used, or another daemon has it (<see cref="ErrorCodes.DaemonState"/>).</exception>
    public static async Task<int> Run(string path, DaemonConfiguration configuration, CancellationToken stop)
    {
        using var alone = TakeStateDirectory(configuration);
        var lines = DaemonLog.Open(Console.Error, Environment.GetEnvironmentVariable("JOURNAL_STREAM") is { Length: > 0 }, out var log);
        var manager = new ServiceManager();
        using var store = JobStore.Open(Path.Combine(configuration.StateDirectory, JobStore.FileName));
        var core = new DaemonCore(path, configuration, store, lines, log, TimeProvider.System);
        await using (core.ConfigureAwait(false))
        {
            await core.Start().ConfigureAwait(false);
            await using var control = ControlServer.Start(configuration.Control, configuration.StateDirectory, core, () => PrometheusText.Of(core.Statistics()), log).ConfigureAwait(false);
            using var watcher = new WatcherHold(configuration, core, log);
            core.Reloaded += watcher.Renew;
            using var statistics = PosixSignalRegistration.Create((PosixSignal)Sigusr1, context =>
            {
                context.Cancel = true;
                log.Information("{Statistics}", StatisticsText.Of(core.Statistics()));
            });
            using var reload = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context =>
            {
                context.Cancel = true;
                manager.Notify("RELOADING=1");
                try
                {
                    core.Reload();
                }
                catch (StepException wrong)
                {
                    log.Error("{Message} ({Hint}); nothing is changed", wrong.Message, wrong.Hint);
                }

                manager.Notify("READY=1");
            });
            await using var stopping = stop.Register(core.Stop).ConfigureAwait(false);
            log.Information("watching {Watch}, output to {Output}", configuration.WatchDir, configuration.OutputDir);
            manager.Notify("READY=1", $"STATUS=watching {configuration.WatchDir}");
            await Watch(core, manager).ConfigureAwait(false);
            core.Reloaded -= watcher.Renew;
            manager.Notify("STOPPING=1");
        }

        log.Information("ended");
        return 0;
    }

    /// <summary>Feeds the watchdog until the daemon ends: with a question to the queue, so that a daemon that hangs is not fed.</summary>
    private static async Task Watch(DaemonCore core, ServiceManager manager)
    {
        var interval = manager.WatchdogInterval ?? Timeout.InfiniteTimeSpan;
        while (await Task.WhenAny(core.Ended, Task.Delay(interval)).ConfigureAwait(false) != core.Ended)
        {
            manager.Notify("WATCHDOG=1", $"STATUS={core.Running().Count} running, {core.Waiting()} waiting");
        }
    }

    private static FileLock TakeStateDirectory(DaemonConfiguration configuration)
    {
        try
        {
            Directory.CreateDirectory(configuration.WatchDir);
            Directory.CreateDirectory(configuration.OutputDir);
            Directory.CreateDirectory(configuration.StateDirectory, Private);
            Directory.CreateDirectory(configuration.WorkDirectory, Private);
            return FileLock.TryAlone(Path.Combine(configuration.StateDirectory, "lock"))
                ?? throw new StepException(ErrorCodes.DaemonState, $"another daemon has {configuration.OutputDir}", "One daemon has one output_dir: stop the other (hyper2kvm ctl stop), or choose another folder.");
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new StepException(ErrorCodes.DaemonState, $"the daemon's folders cannot be made: {refused.Message}", inner: refused);
        }
    }
}
