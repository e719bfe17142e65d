using Hyper2Kvm.Guest.Files;
using Hyper2Kvm.Guest.Inspection;
using Hyper2Kvm.Guest.Tests.Fixtures;

namespace Hyper2Kvm.Guest.Tests;

public sealed class InspectionTests : IDisposable
{
    private static readonly GuestVolume Volume = new() { Device = "/dev/sda1", Disk = 0, Partition = 1, Offset = 0, Length = 1 };

    private readonly ScratchDirectory _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void Os_release_is_read_with_a_shells_quotes_and_the_last_of_a_name_wins()
    {
        var values = OsRelease.Parse("# c\nID=a\nID='b c'\nPRETTY_NAME=\"x \\\"y\\\" \\$z\"\r\n=nothing\nplain\nVERSION_ID=22.04\n");

        values.Should().BeEquivalentTo(new Dictionary<string, string> { ["ID"] = "b c", ["PRETTY_NAME"] = "x \"y\" $z", ["VERSION_ID"] = "22.04" });
    }

    [Theory]
    [InlineData(1, 62, "x86_64")]
    [InlineData(1, 183, "aarch64")]
    [InlineData(1, 21, "ppc64le")]
    [InlineData(2, 22, "s390x")]
    [InlineData(1, 3, "i686")]
    [InlineData(1, 9999, null)]
    public void An_architecture_is_that_of_an_elf_header(byte order, int machine, string? expected)
    {
        var head = new byte[20];
        ((ReadOnlySpan<byte>)[0x7F, 0x45, 0x4C, 0x46, 2, order]).CopyTo(head);
        (head[18], head[19]) = order == 1 ? ((byte)machine, (byte)(machine >> 8)) : ((byte)(machine >> 8), (byte)machine);

        ElfHeader.Architecture(head).Should().Be(expected);
        ElfHeader.Architecture(head.AsSpan(0, 19)).Should().BeNull();
    }

    [Fact]
    public void A_tree_of_data_a_home_and_a_separate_boot_are_no_systems()
    {
        foreach (var name in new[] { "home/someone", "grub/x86_64-efi", "etc", "usr/bin" })
        {
            var root = _scratch.File(name.Replace('/', '-'));
            Directory.CreateDirectory(Path.Combine(root, name));
            using var files = ConfinedFiles.Open(root);

            LinuxInspection.Inspect(files, Volume, null).Should().BeNull();
        }
    }

    [Fact]
    public void Hostile_files_in_place_of_those_that_tell_do_not_stop_the_inspection()
    {
        var root = LinuxTree.Make(_scratch, string.Empty);
        File.Delete(Path.Combine(root, "usr/lib/os-release"));
        File.Delete(Path.Combine(root, "etc/hostname"));
        File.Delete(Path.Combine(root, "usr/bin/sh"));
        Tool.Run("mkfifo", Path.Combine(root, "usr/lib/os-release"), Path.Combine(root, "usr/bin/sh"));
        File.CreateSymbolicLink(Path.Combine(root, "etc/hostname"), "hostname");
        File.WriteAllText(Path.Combine(root, "etc/debian_version"), "12.5\n");
        using var files = ConfinedFiles.Open(root);

        var system = LinuxInspection.Inspect(files, Volume, null)!;

        system.OperatingSystem.Distribution.Should().Be("debian");
        system.OperatingSystem.Version.Should().Be("12.5");
        system.OperatingSystem.HostName.Should().BeNull();
        system.Architecture.Should().BeNull();
    }

    [Theory]
    [InlineData("redhat-release", "Red Hat Enterprise Linux Server release 6.10 (Santiago)\n", "rhel", "6.10")]
    [InlineData("redhat-release", "CentOS release 5.11 (Final)\n", "centos", "5.11")]
    [InlineData("oracle-release", "Oracle Linux Server release 6.9\n", "ol", "6.9")]
    [InlineData("system-release", "Amazon Linux AMI release 2018.03\n", "amzn", "2018.03")]
    [InlineData("SuSE-release", "SUSE Linux Enterprise Server 11 (x86_64)\nVERSION = 11\nPATCHLEVEL = 4\n", "sles", "11")]
    [InlineData("SuSE-release", "openSUSE 12.3 (x86_64)\nVERSION = 12.3\n", "opensuse", "12.3")]
    [InlineData("photon-release", "VMware Photon Linux 1.0\nPHOTON_BUILD_NUMBER=62c543d\n", "photon", "1.0")]
    [InlineData("alpine-release", "3.2.0\n", "alpine", "3.2.0")]
    [InlineData("arch-release", "", "arch", null)]
    public void A_system_from_before_os_release_is_known_by_its_older_file(string file, string text, string id, string? version)
    {
        var root = LinuxTree.Make(_scratch, string.Empty);
        File.Delete(Path.Combine(root, "usr/lib/os-release"));
        File.Delete(Path.Combine(root, "etc/os-release"));
        File.WriteAllText(Path.Combine(root, "etc", file), text);
        if (file == "oracle-release")
        {
            File.WriteAllText(Path.Combine(root, "etc/redhat-release"), "Red Hat Enterprise Linux Server release 6.9 (Santiago)\n");
        }

        using var files = ConfinedFiles.Open(root);

        var system = LinuxInspection.Inspect(files, Volume, null)!.OperatingSystem;

        system.Distribution.Should().Be(id);
        system.Version.Should().Be(version);
        system.ProductName.Should().NotBeNullOrEmpty();
    }
}
