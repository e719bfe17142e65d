using System.Text.RegularExpressions;
using Hyper2Kvm.Core.Processes;
using Hyper2Kvm.EndToEnd.Support;
using Hyper2Kvm.Guest.Tests.Fixtures;

namespace Hyper2Kvm.EndToEnd;

/// <summary>The host's own volumes have no part in reading a guest's: held by every system call of all programs that take part.</summary>
[Trait("speed", "slow")]
public sealed partial class HostStorage : IDisposable
{
    private readonly Scratch _scratch = new();
    private readonly ScratchDirectory _images = new();

    public void Dispose()
    {
        _scratch.Dispose();
        _images.Dispose();
    }

    [Fact]
    public void Inspecting_a_guest_of_lvm_md_and_luks_calls_nothing_of_the_hosts_storage()
    {
        var (trace, key) = (_scratch.File("trace"), _scratch.File("key"));
        File.WriteAllText(key, "fixture");
        string[] disks = [.. StorageImages.Unpack(_images, "lvm-on-md1"), .. StorageImages.Unpack(_images, "lvm-in-luks2"), .. StorageImages.Unpack(_images, "lvm-striped")];

        var found = CommandRunner.Run(new Command(
            "strace",
            ["--follow-forks", "--seccomp-bpf", "--string-limit=300", "--trace=execve,open,openat,openat2,ioctl,mknod,mknodat,connect", $"--output={trace}", Product.Hyper2Kvm, "inspect", "-if", "raw", "--key", $"all:file:{key}", .. disks])
        {
            Environment = _scratch.Environment,
        });

        found.ExitCode.Should().Be(0, found.ErrorText);
        found.OutputText.Should().Contain("/dev/stacked/root: ext4").And.Contain("/dev/crypted/root: ext4").And.Contain("/dev/md/pv");
        var calls = File.ReadAllLines(trace);
        calls.Should().Contain(call => call.Contains("execve(") && call.Contains("nbdfuse"), "else nothing was traced");
        calls.Should().Contain(call => call.Contains("LOOP_CONFIGURE") || call.Contains("0x4c0a"), "the volumes were looked into");
        calls.Where(call => HostsStorage().IsMatch(call)).Should().BeEmpty();
    }

    /// <summary>Device nodes, sockets and records of LVM, md, device-mapper and udev; their programs; device-mapper's and md's own calls.</summary>
    [GeneratedRegex(@"""/dev/(mapper|md|dm-|disk/|stacked|crypted|striped)|""/(run|etc)/(lvm|mdadm|udev|cryptsetup)|/run/lock/lvm|DM_[A-Z]|_IOC\([^,]*, 0xfd,|(START|STOP|RUN)_ARRAY|execve\(""[^""]*/(lvm|[vpl](g|v)(s|scan|change|display)|dmsetup|dmeventd|mdadm|mdmon|cryptsetup|udevadm|losetup|kpartx|partx|partprobe)""", RegexOptions.CultureInvariant)]
    private static partial Regex HostsStorage();
}
