using System.Net.Sockets;
using System.Text;
using Hyper2Kvm.Core.Processes;

namespace Hyper2Kvm.Helpers.Output.Tests.Libvirt;

/// <summary>
/// A real libvirtd of our own, without systemd: in mount and network namespaces that end with it, where all of its directories are empty tmpfs; so it
/// neither sees nor touches a libvirt of the host. Only its socket is outside.
/// </summary>
public sealed class PrivateLibvirt : IDisposable
{
    private const int ReadyMilliseconds = 60_000;

    private const string Start = """
        for directory in /etc/libvirt /var/lib/libvirt /var/cache/libvirt /var/log/libvirt /run; do
            mount -t tmpfs tmpfs "$directory"
        done
        # No control groups, no security driver, no virtlogd: there is no init here that would set them up.
        printf 'cgroup_controllers = []\nsecurity_driver = "none"\nstdio_handler = "file"\n' > /etc/libvirt/qemu.conf
        exec libvirtd --config "$1/libvirtd.conf" --pid-file "$1/libvirtd.pid"
        """;

    private readonly ChildProcess _libvirtd;

    public PrivateLibvirt()
    {
        Root = Directory.CreateTempSubdirectory("lv.").FullName;
        PoolDirectory = Directory.CreateDirectory(Path.Combine(Root, "pool")).FullName;
        File.WriteAllText(Path.Combine(Root, "libvirtd.conf"), $"""
            unix_sock_dir = "{Root}"
            auth_unix_rw = "none"
            auth_unix_ro = "none"
            log_outputs = "3:file:{Root}/log"
            # A machine without DMI has no UUID of its own.
            host_uuid = "{Guid.NewGuid()}"

            """);

        // sd_notify(3): libvirtd says itself when it is ready.
        using var notified = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = ReadyMilliseconds };
        notified.Bind(new UnixDomainSocketEndPoint(Path.Combine(Root, "notify")));
        _libvirtd = ChildProcess.Start(new Command("unshare", "--mount", "--net", "--propagation", "private", "sh", "-ec", Start, "sh", Root)
        {
            Environment = new Dictionary<string, string?> { ["NOTIFY_SOCKET"] = Path.Combine(Root, "notify") },
        });
        try
        {
            var message = new byte[256];
            var length = notified.Receive(message);
            Encoding.UTF8.GetString(message, 0, length).Should().Contain("READY=1");
            Virsh("pool-define-as", "default", "dir", "--target", PoolDirectory);
            Virsh("pool-start", "default");
            Virsh("pool-define-as", "stopped", "dir", "--target", PoolDirectory + "2");
        }
        catch (Exception failure)
        {
            var said = _libvirtd.ErrorTail;
            Dispose();
            throw new InvalidOperationException($"libvirtd did not start: {said}", failure);
        }
    }

    /// <summary>Directory of its socket and log.</summary>
    public string Root { get; }

    /// <summary>Directory of the pool "default".</summary>
    public string PoolDirectory { get; }

    /// <summary>Connection to it.</summary>
    public string Connection => $"qemu+unix:///system?socket={Root}/libvirt-sock";

    /// <summary>Runs virsh, which has to succeed, and gives what it wrote.</summary>
    public string Virsh(params string[] arguments)
    {
        var result = CommandRunner.Run(new Command("virsh", ["--quiet", $"--connect={Connection}", .. arguments]));
        result.ExitCode.Should().Be(0, result.ErrorText);
        return result.OutputText;
    }

    public void Dispose()
    {
        _libvirtd.Stop();
        _libvirtd.Dispose();
        Directory.Delete(Root, recursive: true);
    }
}
