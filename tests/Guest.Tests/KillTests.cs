using System.Diagnostics;
using Hyper2Kvm.Guest.Tests.Fixtures;

namespace Hyper2Kvm.Guest.Tests;

public sealed class KillTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private readonly ScratchDirectory _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Kill_9_at_any_moment_leaves_no_process_no_mount_and_no_loop_device(bool withNtfs)
    {
        var disk = withNtfs
            ? new DiskImage(_scratch, "a").Sized(128 * DiskImage.MiB).Partitioned("label: dos\nstart=1MiB, size=64MiB, type=83\nstart=70MiB, size=50MiB, type=7\n")
                .WithExt(DiskImage.MiB, 64 * DiskImage.MiB, LinuxTree.Make(_scratch, "/dev/sda2 /home ntfs defaults 0 0\n")).WithNtfs(70 * DiskImage.MiB, 50 * DiskImage.MiB)
            : new DiskImage(_scratch, "a").Sized(64 * DiskImage.MiB).WithExt(0, 64 * DiskImage.MiB, LinuxTree.Make(_scratch, string.Empty));
        using var server = NbdkitDisk.Serve(disk.Path, _scratch.File("in0"));
        var work = Directory.CreateDirectory(_scratch.File("work")).FullName;
        var random = new Random(2);

        for (var round = 0; round < 8; round++)
        {
            using var program = StartHolder(work);
            program.StandardOutput.ReadLine().Should().Be("starting");

            // Every other one is hit at some moment of its opening, the rest while it holds a written guest.
            if (round % 2 == 0)
            {
                program.WaitForExit(random.Next(5, withNtfs ? 450 : 250)).Should().BeFalse();
            }
            else
            {
                program.StandardOutput.ReadLine().Should().Be("mounted");
            }

            program.Kill();
            program.WaitForExit();

            Until(() => !HostState.CommandLines().Any(line => line.Contains(work)), "a process of it is left");
            Until(() => !HostState.LoopBackingFiles().Any(file => file.Contains(work) || file == "/disk0"), "a loop device of it is left");
            HostState.Mounts().Should().NotContain(work);
            Directory.EnumerateFileSystemEntries(work).Where(path => path != Path.Combine(work, "guest")).Should().BeEmpty();
        }
    }

    [Fact]
    public void Kill_9_while_volumes_are_served_by_the_killed_process_itself_leaves_nothing_either()
    {
        using var guest = new LvmGuest(_scratch, $"UUID={LvmGuest.BootUuid} /boot ext4 defaults 0 2\n");
        var work = Directory.CreateDirectory(_scratch.File("work")).FullName;
        var random = new Random(3);

        for (var round = 0; round < 8; round++)
        {
            using var program = StartHolder("hold", work, guest.Sockets);
            program.StandardOutput.ReadLine().Should().Be("starting");
            if (round % 2 == 0)
            {
                program.WaitForExit(random.Next(50, 600)).Should().BeFalse();
            }
            else
            {
                program.StandardOutput.ReadLine().Should().Be("mounted");
            }

            program.Kill();
            program.WaitForExit(Deadline).Should().BeTrue("it would wait for itself, unkillable, if nbdfuse did not go first");

            Until(() => !HostState.CommandLines().Any(line => line.Contains(work)), "a process of it is left");
            Until(() => !HostState.LoopBackingFiles().Any(file => file.Contains(work) || file.StartsWith("/disk") || file.StartsWith("/volume")), "a loop device of it is left");
            HostState.Mounts().Should().NotContain(work);
        }
    }

    [Fact]
    public void The_server_of_a_disk_is_never_in_the_namespace_of_what_is_mounted_from_it()
    {
        // It would wait for itself, for ever and unkillable, when it is killed last: see MountNamespace.
        var disk = new DiskImage(_scratch, "a").Sized(64 * DiskImage.MiB).WithExt(0, 64 * DiskImage.MiB, LinuxTree.Make(_scratch, string.Empty));
        using var server = NbdkitDisk.Serve(disk.Path, _scratch.File("in0"));
        var work = Directory.CreateDirectory(_scratch.File("work")).FullName;
        using var program = StartHolder(work);
        program.StandardOutput.ReadLine().Should().Be("starting");
        program.StandardOutput.ReadLine().Should().Be("mounted");

        var nbdfuse = Process.GetProcessesByName("nbdfuse").Single(process => File.ReadAllText($"/proc/{process.Id}/cmdline").Contains(work));
        var seen = File.ReadAllLines($"/proc/{nbdfuse.Id}/mountinfo").Where(line => line.Contains(work)).ToList();

        seen.Should().Contain(line => line.Contains(" fuse"), "its own file is mounted there").And.NotContain(line => line.Contains(" ext4 "));
        program.Kill();
        nbdfuse.WaitForExit(Deadline).Should().BeTrue();
    }

    [Fact]
    public void Kill_9_while_a_program_of_the_guest_runs_ends_that_too()
    {
        const string Guests = "sleep 8642";
        var tree = LinuxTree.Make(_scratch, string.Empty);
        LinuxTree.AddPrograms(tree, $"trap '' TERM HUP\n{Guests} &\n{Guests}");
        var disk = new DiskImage(_scratch, "a").Sized(64 * DiskImage.MiB).WithExt(0, 64 * DiskImage.MiB, tree);
        using var server = NbdkitDisk.Serve(disk.Path, _scratch.File("in0"));
        var work = Directory.CreateDirectory(_scratch.File("work")).FullName;
        using var program = StartHolder("run", work, _scratch.File("in0"));
        Until(() => HostState.CommandLines().Count(line => line.StartsWith(Guests)) == 2, "the guest's program does not start");

        program.Kill();
        program.WaitForExit(Deadline).Should().BeTrue();

        Until(() => !HostState.CommandLines().Any(line => line.StartsWith(Guests) || line.Contains(work)), "a process of it is left");
        Until(() => !HostState.LoopBackingFiles().Any(file => file.Contains(work) || file == "/disk0"), "a loop device of it is left");
    }

    /// <summary>The kernel takes a namespace down after the process is gone: watched, a millisecond at a time.</summary>
    private static void Until(Func<bool> condition, string otherwise)
    {
        var clock = Stopwatch.StartNew();
        while (!condition())
        {
            clock.Elapsed.Should().BeLessThan(Deadline, otherwise);
            Thread.Yield();
        }
    }

    private Process StartHolder(string work) => StartHolder("hold", work, _scratch.File("in0"));

    private static Process StartHolder(string mode, string work, params string[] sockets)
    {
        var assembly = typeof(KillTests).Assembly.Location;
        return Process.Start(new ProcessStartInfo("dotnet", [assembly, mode, work, .. sockets]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
    }
}
