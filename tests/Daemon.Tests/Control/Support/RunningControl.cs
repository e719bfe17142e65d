using Hyper2Kvm.Daemon.Configuration;
using Hyper2Kvm.Daemon.Control;
using Serilog.Core;

namespace Hyper2Kvm.Daemon.Tests.Control.Support;

/// <summary>The real sockets, before a daemon that does nothing.</summary>
internal sealed class RunningControl : IAsyncDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public RunningControl(ControlLimits? limits = null, ControlSettings? settings = null)
    {
        StateDirectory = Directory.CreateDirectory(_directory.File(".daemon")).FullName;
        try
        {
            Server = ControlServer.Start(settings ?? new ControlSettings(), StateDirectory, Daemon, () => "hyper2kvm_queue_depth 1\n", Logger.None, new FixedClock(), limits);
        }
        catch
        {
            Directory.GetFileSystemEntries(StateDirectory).Should().BeEmpty("what was half made is taken away");
            _directory.Dispose();
            throw;
        }
    }

    public FakeDaemon Daemon { get; } = new();

    public ControlServer Server { get; }

    public string StateDirectory { get; }

    public string ControlPath => Path.Combine(StateDirectory, ControlServer.ControlName);

    public string HttpPath => Path.Combine(StateDirectory, ControlServer.HttpName);

    public Task<ControlClient> ConnectAsync() => ControlClient.ConnectAsync(ControlPath);

    public async Task<string> AskAsync(string line)
    {
        using var client = await ConnectAsync();
        return await client.AskAsync(line);
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        _directory.Dispose();
    }

    private sealed class FixedClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => FakeDaemon.Start.AddMinutes(150);
    }
}
