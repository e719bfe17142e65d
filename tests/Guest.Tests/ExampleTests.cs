using Hyper2Kvm.Core.Processes;
using Hyper2Kvm.Guest.Tests.Fixtures;

namespace Hyper2Kvm.Guest.Tests;

public sealed class ExampleTests : IDisposable
{
    private static readonly string Example = Path.Combine(AppContext.BaseDirectory, "../../GuestEngine/release/guest-engine.dll");

    private readonly ScratchDirectory _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void The_example_program_of_the_documentation_works_on_a_guest()
    {
        var tree = LinuxTree.Make(_scratch, "/dev/sda2 /srv ext4 defaults 0 2\n", directories: ["srv", "var/lib/dpkg"]);
        File.WriteAllText(Path.Combine(tree, "var/lib/dpkg/status"), "Package: a\nStatus: install ok installed\nVersion: 1\n\n");
        var disk = new DiskImage(_scratch, "a").Sized(128 * DiskImage.MiB).Partitioned("label: dos\nstart=1MiB, size=64MiB, type=83\nstart=80MiB, size=40MiB, type=83\n")
            .WithExt(DiskImage.MiB, 64 * DiskImage.MiB, tree).WithExt(80 * DiskImage.MiB, 40 * DiskImage.MiB);
        using var server = NbdkitDisk.Serve(disk.Path, _scratch.File("in0"));

        var tour = CommandRunner.Run(new Command("dotnet", Example, "tour", _scratch.File("in0")));

        tour.ErrorText.Should().BeEmpty();
        tour.OutputText.Split('\n').Should().Contain(
        [
            "mounted /dev/sda2 on /sda2: normal, 1 names", "system /dev/sda1: Test GNU/Linux 12 (\"x\"), x86_64", "packages: 1 (dpkg)", "read back: yes",
        ]);
        foreach (var verb in new[] { "cached", "uncached", "read", "inspect" })
        {
            Tool.Run("dotnet", Example, verb, disk.Path).Should().MatchRegex("^[0-9.]+ [0-9.]+");
        }

        Tool.Run("dotnet", Example, "mount", "2", disk.Path).Should().EndWith(" 2\n");
    }
}
