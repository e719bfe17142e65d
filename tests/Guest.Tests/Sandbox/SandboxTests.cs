using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest.Attach;
using Hyper2Kvm.Guest.Mounting;
using Hyper2Kvm.Guest.Sandbox;
using Hyper2Kvm.Guest.Tests.Fixtures;

namespace Hyper2Kvm.Guest.Tests.Sandbox;

/// <summary>Programs of a guest, good ones and such as are made to harm the host, run by the engine on a real file system.</summary>
public sealed class SandboxTests : IDisposable
{
    private const string BootUuid = "5b3f5c0e-6a52-4a0e-9d3c-0a57f1c00001";

    private static readonly TimeSpan Ample = TimeSpan.FromSeconds(60);

    private readonly ScratchDirectory _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void It_writes_what_it_may_as_the_guests_root_and_nothing_else()
    {
        var result = Run("id -u; cat /root/private; cat /root/of-a-user; echo new > /boot/made; echo changed > /etc/hostname; echo x > /tmp/x; mkdir /new; chown 1000:1000 /boot/made");

        result.Words.Should().Contain(["0", "secret of root", "secret of 1000"]).And.Contain(line => line.Contains("/etc/hostname") && line.Contains("Read-only")).And.Contain(line => line.Contains("/new") && line.Contains("Read-only"));
        var made = result.Files.Single(file => file.Path == "/boot/made");
        made.Status.Should().Match<GuestFileStatus>(status => status.UserId == 1000 && status.Length == 4);
        result.Files.Single(file => file.Path == "/etc/hostname").Status.Length.Should().Be("guest1\n".Length);
    }

    [Fact]
    public void A_boot_file_system_of_its_own_is_there_and_can_be_written()
    {
        var result = Run("echo new > /boot/made; grep ' /boot ' /proc/mounts", fstab: $"UUID={BootUuid} /boot ext4 defaults 0 2\n");

        result.Words.Should().NotBeEmpty();
        result.Words[^1].Should().Contain(" ext4 rw,", "it lies over the one that cannot be written");
        result.Files.Single(file => file.Path == "/boot/made").Status.UserId.Should().Be(0);
    }

    [Fact]
    public void It_sees_no_file_no_disk_and_no_process_of_the_host()
    {
        var result = Run("ls /dev; ls /proc | grep '^[0-9]'; cat /proc/partitions /proc/cmdline /proc/swaps; ls /sys | wc -l; hostname; for i in /proc/self/fd/*; do readlink $i; done");

        result.Words.Where(word => !word.StartsWith("pipe:[")).Except(["core", "fd", "full", "null", "ptmx", "pts", "random", "shm", "stderr", "stdin", "stdout", "tty", "urandom", "zero", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "sandbox", "/etc/script", "/proc/self/fd", "/dev/null"])
            .Should().BeEmpty("these are the devices that bubblewrap makes, the first processes of a namespace, and its own descriptors");
        result.Words.Where(word => word.StartsWith("pipe:[")).Distinct().Should().HaveCountLessOrEqualTo(2, "its input and its output");
    }

    [Theory]
    [InlineData("/usr/share")]
    [InlineData("../../../../../../usr/share")]
    public void A_link_in_place_of_a_directory_that_it_may_write_does_not_show_the_hosts(string target)
    {
        var result = Run("ls /usr/share/doc /out/doc; echo end", writable: "/out/doc", prepare: tree =>
        {
            Directory.CreateDirectory(Path.Combine(tree, "usr/share/doc"));
            File.CreateSymbolicLink(Path.Combine(tree, "out"), target);
        });

        result.Words.Should().EndWith("end").And.NotContain(Directory.EnumerateDirectories("/usr/share/doc").Select(path => Path.GetFileName(path)!));
    }

    [Theory]
    [InlineData("echo 1 > /proc/sys/kernel/panic")]
    [InlineData("echo x > /proc/sys/kernel/core_pattern")]
    [InlineData("echo b > /proc/sysrq-trigger")]
    [InlineData("mount -t tmpfs none /tmp")]
    [InlineData("mount -o remount,rw /")]
    [InlineData("umount /proc")]
    [InlineData("mknod /boot/disk b 7 0")]
    [InlineData("unshare -U id")]
    [InlineData("unshare -m id")]
    [InlineData("nsenter -t 1 -m id")]
    [InlineData("chroot /proc/1/root/../../.. cat /etc/shadow")]
    [InlineData("insmod /boot/module")]
    [InlineData("swapoff -a -e; swapon /boot/x")]
    [InlineData("adjtimex -t 10001")]
    [InlineData("reboot -f")]
    [InlineData("dmesg -c")]
    [InlineData("wget -T 2 -O - http://127.0.0.1:PORT/")]
    [InlineData("ping -c 1 127.0.0.1")]
    public void An_attempt_to_reach_the_host_fails(string attempt)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var before = (Panic: File.ReadAllText("/proc/sys/kernel/panic"), Pattern: File.ReadAllText("/proc/sys/kernel/core_pattern"));

        var result = Run($"({attempt.Replace("PORT", $"{((IPEndPoint)listener.LocalEndpoint).Port}")}) && echo it-worked");

        result.Words.Should().NotContain("it-worked").And.NotBeEmpty("the attempt says why it failed");
        listener.Pending().Should().BeFalse();
        HostState.Mounts().Should().NotContain(_scratch.Path).And.NotContain(MountTree.ShownRoot);
        (File.ReadAllText("/proc/sys/kernel/panic"), File.ReadAllText("/proc/sys/kernel/core_pattern")).Should().Be(before);
    }

    [Fact]
    public void Killing_everything_ends_itself_only()
    {
        using var bystander = Process.Start("sleep", "60");
        try
        {
            Run($"kill -9 {bystander.Id}; kill -9 -1; for i in 1 2 3; do kill -9 $i; done");

            bystander.HasExited.Should().BeFalse();
        }
        finally
        {
            bystander.Kill();
        }
    }

    [Theory]
    [InlineData("f() { f | f & }; f; while :; do :; done")] // a fork bomb
    [InlineData("trap '' TERM INT HUP; while :; do sleep 1; done")]
    [InlineData("while :; do echo yes; done")]
    public void What_does_not_end_is_killed_with_all_that_it_started(string script)
    {
        var clock = Stopwatch.StartNew();

        var result = Run(script, TimeSpan.FromSeconds(2));

        result.Ended.TimedOut.Should().BeTrue();
        clock.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(30));
        Left().Should().BeEmpty();
        new FileInfo(result.Log).Length.Should().BeLessThan(5 << 20, "the log of a run is bounded");
    }

    [Fact]
    public void What_it_leaves_running_is_killed_when_it_ends()
    {
        var result = Run("(trap '' HUP TERM; exec sleep 7777) > /dev/null 2>&1 < /dev/null & echo started");

        result.Words.Should().Equal("started");
        Left().Should().BeEmpty();
        HostState.CommandLines().Should().NotContain(line => line.Contains("sleep 7777"));
    }

    [Fact]
    public void A_file_is_shown_with_another_content_and_stays_as_it_is()
    {
        var result = Run("cat /etc/hostname", shown: new() { ["/etc/hostname"] = "shown\n"u8.ToArray() });

        result.Words.Should().Equal("shown");
        result.Files.Single(file => file.Path == "/etc/hostname").Status.Length.Should().Be("guest1\n".Length);
    }

    [Fact]
    public void The_last_lines_and_the_exit_status_are_told_and_the_log_has_all()
    {
        var result = Run("for i in $(seq 100); do echo line $i; done; echo cannot >&2; exit 7");

        result.Ended.ExitCode.Should().Be(7);
        result.Ended.LastLines.Should().EndWith(["line 100", "cannot"]).And.HaveCountLessThan(20);
        File.ReadAllText(result.Log).Should().Contain("line 1\n").And.Contain("cannot\n");
    }

    [Fact]
    public void More_memory_than_a_control_group_allows_ends_who_asks_for_it()
    {
        using var group = MemoryGroup.TryCreate(32 << 20) ?? throw new InvalidOperationException("this host makes no control groups: the limit cannot be tried");

        var ended = Process.Start("sh", ["-c", $"echo $$ > {group.Members}; exec tail /dev/zero"]);

        ended.WaitForExit(30_000).Should().BeTrue();
        ended.ExitCode.Should().Be(128 + 9);
    }

    [Fact]
    public void A_guest_whose_writable_directory_is_read_by_mtools_is_refused_with_the_remedy()
    {
        using var tree = new MountedTree(this);

        var require = () => new GuestSandbox(tree.Tree, ["/boot/efi"], null).Require(["/boot/efi/EFI"]);

        require.Should().Throw<StepException>().Where(failure => failure.Code == ErrorCodes.ConvertRebuild && failure.Hint.Contains("modprobe vfat"));
    }

    private static IEnumerable<string> Left() => Directory.EnumerateDirectories("/proc").Where(path => char.IsAsciiDigit(path[^1])).Where(path =>
    {
        try
        {
            return File.ReadAllText(Path.Combine(path, "uid_map")).Contains("2147483648");
        }
        catch (IOException)
        {
            return false;
        }
    });

    private Outcome Run(string script, TimeSpan? longest = null, Dictionary<string, ReadOnlyMemory<byte>>? shown = null, string fstab = "", string writable = "/boot", Action<string>? prepare = null)
    {
        var log = _scratch.File("sandbox.log");
        using var machine = GuestMachine.Open([GuestDiskSource.Raw(Disk(script, fstab, prepare).Path)], _scratch.Path);
        using var guest = machine.Mount(machine.ChooseSystem("first"), MountOptions.ForWriting);
        var programs = guest.Programs(log);
        programs.Require(["/boot"]);
        var ended = programs.Run(new GuestProgram { Command = ["/bin/sh", "/etc/script"], Writable = [writable], Longest = longest ?? Ample, Shown = shown ?? [] }, CancellationToken.None);
        var words = File.ReadLines(log).Where(line => !line.StartsWith('#')).Take(1000).ToList();
        return new Outcome(ended, words, [.. new[] { "/boot/made", "/etc/hostname" }.Select(path => (path, guest.Files.Status(path)!))], log);
    }

    private DiskImage Disk(string script, string fstab = "", Action<string>? prepare = null)
    {
        var tree = LinuxTree.Make(_scratch, fstab);
        LinuxTree.AddPrograms(tree, script);
        prepare?.Invoke(tree);
        Put("root/private", "secret of root\n");
        Put("root/of-a-user", "secret of 1000\n");
        Tool.Run("chown", "1000:1000", Path.Combine(tree, "root/of-a-user"));
        return new DiskImage(_scratch, "disk").Sized(100 * DiskImage.MiB).Partitioned("label: dos\nstart=1MiB, size=64MiB, type=83\nstart=70MiB, size=20MiB, type=83\n")
            .WithExt(DiskImage.MiB, 64 * DiskImage.MiB, tree).WithExt(70 * DiskImage.MiB, 20 * DiskImage.MiB, uuid: BootUuid);

        void Put(string path, string text)
        {
            File.WriteAllText(Path.Combine(tree, path), text);
            File.SetUnixFileMode(Path.Combine(tree, path), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    private sealed record Outcome(GuestProgramResult Ended, IReadOnlyList<string> Words, IReadOnlyList<(string Path, GuestFileStatus Status)> Files, string Log);

    /// <summary>The guest's mounts without the guest.</summary>
    private sealed class MountedTree : IDisposable
    {
        private readonly GuestMachine _machine;

        public MountedTree(SandboxTests tests)
        {
            _machine = GuestMachine.Open([GuestDiskSource.Raw(tests.Disk(":").Path)], tests._scratch.Path);
            Tree = _machine.NewTree(MountOptions.ReadOnly);
        }

        public MountTree Tree { get; }

        public void Dispose()
        {
            Tree.Dispose();
            _machine.Dispose();
        }
    }
}
