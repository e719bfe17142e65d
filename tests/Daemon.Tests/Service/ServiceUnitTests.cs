using Hyper2Kvm.Core.Processes;
using Hyper2Kvm.Daemon.Configuration;
using Hyper2Kvm.Daemon.Service;

namespace Hyper2Kvm.Daemon.Tests.Service;

public sealed class ServiceUnitTests : IDisposable
{
    private readonly TemporaryDirectory _scratch = new();

    public ServiceUnitTests() => Environment.SetEnvironmentVariable("HYPER2KVM_EXEC_PATH", Path.Combine(RepositoryRoot.Path, "artifacts/hyper2kvm/libexec"));

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void Systemd_reads_the_unit_without_a_complaint()
    {
        var unit = _scratch.File("hyper2kvm.service");
        File.WriteAllText(unit, ServiceUnit.Text("/etc/hyper2kvm/my daemon.yaml", new DaemonConfiguration { WatchDir = "/srv/100% in", OutputDir = "/srv/out", Workdir = "/var/tmp/w" }));

        var result = CommandRunner.Run(new Command("systemd-analyze", "verify", "--man=no", "--recursive-errors=no", unit));

        (result.ErrorText + result.OutputText).Should().NotContain("hyper2kvm.service");
        result.ExitCode.Should().Be(0, result.ErrorText);
        File.ReadAllText(unit).Should().Contain("daemon --config \"/etc/hyper2kvm/my daemon.yaml\"").And.Contain("\"/srv/100%% in\" /srv/out /var/tmp/w");
    }
}
