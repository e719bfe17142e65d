using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.EndToEnd.Support;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Guest.Attach;
using Hyper2Kvm.Guest.Mounting;
using Hyper2Kvm.Guest.Tests.Fixtures;

namespace Hyper2Kvm.EndToEnd;

/// <summary>What a Windows is known by, its registry on an NTFS, through the commands that users type.</summary>
public sealed class WindowsGuests : IDisposable
{
    private const long MiB = DiskImage.MiB;

    private readonly Scratch _scratch = new();
    private readonly ScratchDirectory _images = new();
    private readonly string _disk;

    public WindowsGuests()
    {
        _disk = new DiskImage(_images, "windows").Sized(64 * MiB).Partitioned("label: dos\nstart=1MiB, size=62MiB, type=7, bootable\n").WithNtfs(MiB, 62 * MiB).Path;
        using var machine = GuestMachine.Open([GuestDiskSource.Raw(_disk)], _images.Path);
        using var volumes = machine.MountVolumes(machine.Volumes, MountOptions.ForWriting);
        WindowsVolume.Make(volumes.Files, _images, "Windows Server 2022 Standard", 20348, "Server Core", "/sda1/Windows");
        volumes.Close();
    }

    public void Dispose()
    {
        _scratch.Dispose();
        _images.Dispose();
    }

    [Fact]
    public void Inspect_shows_release_build_edition_and_host_name()
    {
        var tree = Product.Run(_scratch, "inspect", "-if", "raw", _disk);

        tree.ExitCode.Should().Be(0, tree.ErrorText);
        tree.OutputText.Split('\n').Select(line => line.TrimStart('│', '├', '└', '─', ' ')).Should().ContainInOrder(
            "system on /dev/sda1: Windows Server 2022 Standard",
            "version: windows server-2022",
            "architecture: x86_64",
            "build: 10.0.20348.3570 (22H2)",
            "edition: Professional, Server Core",
            "system root: /Windows, ControlSet002",
            "host name: Büro-7");
        Product.Run(_scratch, "inspect", "-if", "raw", "--json", _disk).OutputText.Should().Contain("\"build\": 20348").And.Contain("\"controlSet\": \"ControlSet002\"");
        _scratch.AssertNothingLeft();
    }

    [Fact]
    public void Convert_refuses_it_by_name_before_anything_is_written()
    {
        var before = File.ReadAllBytes(_disk);

        var result = Product.Run(_scratch, "convert", "-if", "raw", "-o", "local", "-os", _scratch.Target, _disk);

        result.ExitCode.Should().Be(ErrorCodes.ConvertUnsupported.ExitCode, result.ErrorText);
        result.ErrorText.Should().Contain("/dev/sda1 holds Windows Server 2022 Standard (build 20348)");
        File.ReadAllBytes(_disk).AsSpan().SequenceEqual(before).Should().BeTrue();
        _scratch.AssertTargetEmpty();
        _scratch.AssertNothingLeft();
    }
}
