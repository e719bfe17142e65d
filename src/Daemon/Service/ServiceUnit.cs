using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Programs;
using Hyper2Kvm.Daemon.Configuration;

namespace Hyper2Kvm.Daemon.Service;

/// <summary>The unit for systemd (systemd.service(5), systemd.exec(5)).</summary>
internal static class ServiceUnit
{
    private const string Place = "/etc/systemd/system/hyper2kvm.service";

    /// <summary>Writes the unit and says what to do next.</summary>
    /// <param name="path">The configuration.</param>
    /// <param name="configuration">What it says.</param>
    /// <param name="output">Where it is said.</param>
    /// <exception cref="StepException">It cannot be written (<see cref="ErrorCodes.HostPermission"/>).</exception>
    public static void Install(string path, DaemonConfiguration configuration, TextWriter output)
    {
        var root = Environment.GetEnvironmentVariable("HYPER2KVM_UNIT_ROOT") ?? string.Empty;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(root + Place)!);
            File.WriteAllText(root + Place, Text(path, configuration));
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new StepException(ErrorCodes.HostPermission, $"{root}{Place} cannot be written: {refused.Message}", "Run as root.", refused);
        }

        output.WriteLine($"{root}{Place} is written. Now:");
        output.WriteLine("  systemctl daemon-reload");
        output.WriteLine("  systemctl enable --now hyper2kvm");
    }

    /// <summary>The unit.</summary>
    /// <param name="path">The configuration.</param>
    /// <param name="configuration">What it says.</param>
    /// <remarks>
    /// Conversions mount guests: that takes root, CAP_SYS_ADMIN, loop devices, /dev/fuse and new mount and user namespaces, in the helper <c>convert</c> alone. What none of them needs is
    /// taken away here; system-call filters would have to allow mount(2) and so guard little.
    /// </remarks>
    public static string Text(string path, DaemonConfiguration configuration)
    {
        string[] folders = [configuration.WatchDir, configuration.OutputDir, .. configuration.Workdir is { } work ? new[] { work } : []];
        return $"""
            [Unit]
            Description=hyper2kvm: converts virtual machines from a watch folder
            Documentation=man:hyper2kvm(1)
            After=network-online.target remote-fs.target
            Wants=network-online.target
            RequiresMountsFor={string.Join(' ', folders.Select(Quote))}

            [Service]
            Type=notify
            NotifyAccess=main
            ExecStart={Quote(ExecPath.Helper("hyper2kvm"))} daemon --config {Quote(path)}
            ExecReload=/bin/kill -HUP $MAINPID
            Restart=on-failure
            RestartSec=10
            WatchdogSec=60
            TimeoutStartSec=5min
            TimeoutStopSec=2min
            # Stopping is told to the daemon alone: it stops its conversions in their order.
            KillMode=mixed
            # Control groups of its own: job_limits.
            Delegate=yes
            Environment=DOTNET_EnableDiagnostics=0 DOTNET_GCgen0size=0x200000 DOTNET_GCConserveMemory=9
            UMask=0077
            OOMPolicy=continue

            NoNewPrivileges=yes
            PrivateTmp=yes
            ProtectHome=read-only
            ProtectSystem=strict
            ReadWritePaths={string.Join(' ', folders.Select(Quote))} -/var/lib/libvirt -/run/libvirt
            ProtectClock=yes
            ProtectHostname=yes
            ProtectKernelLogs=yes
            ProtectKernelModules=yes
            RestrictRealtime=yes
            RestrictSUIDSGID=no
            LockPersonality=yes
            RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
            SystemCallArchitectures=native

            [Install]
            WantedBy=multi-user.target

            """;
    }

    /// <summary>As systemd quotes an argument, with its specifiers and variables kept literal (systemd.syntax(7)).</summary>
    private static string Quote(string path)
    {
        var literal = path.Replace("%", "%%", StringComparison.Ordinal).Replace("$", "$$", StringComparison.Ordinal);
        return literal.Any(letter => char.IsWhiteSpace(letter) || letter is '"' or '\\' or '\'')
            ? $"\"{literal.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\""
            : literal;
    }
}
