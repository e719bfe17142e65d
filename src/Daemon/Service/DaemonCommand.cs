using System.CommandLine;
using Hyper2Kvm.Core.Programs;
using Hyper2Kvm.Daemon.Configuration;

namespace Hyper2Kvm.Daemon.Service;

/// <summary><c>hyper2kvm daemon</c>.</summary>
internal static class DaemonCommand
{
    private const string DefaultConfiguration = "/etc/hyper2kvm/daemon.yaml";

    /// <summary>Makes the command.</summary>
    public static RootCommand Create()
    {
        var file = new Option<string>("--config") { Description = "The configuration (docs/examples/daemon.yaml shows every key).", HelpName = "FILE", DefaultValueFactory = _ => DefaultConfiguration };
        var check = new Option<bool>("--check") { Description = "Read the configuration, look at the host, and end." };
        var install = new Option<bool>("--install-unit") { Description = "Write the systemd unit hyper2kvm.service for this configuration, and end." };
        var root = new RootCommand("hyper2kvm daemon: converts what is put into a watch folder, unattended.") { file, check, install };
        root.SetAction(parsed => Invocation.Run("hyper2kvm daemon", stop =>
        {
            var path = Path.GetFullPath(parsed.GetValue(file)!);
            var configuration = ConfigurationReader.Read(path);
            if (parsed.GetValue(check))
            {
                return ConfigurationCheck.Run(path, configuration, Console.Out);
            }

            if (parsed.GetValue(install))
            {
                ServiceUnit.Install(path, configuration, Console.Out);
                return 0;
            }

            return DaemonHost.Run(path, configuration, stop).GetAwaiter().GetResult();
        }, isDaemon: true));
        return root;
    }
}
