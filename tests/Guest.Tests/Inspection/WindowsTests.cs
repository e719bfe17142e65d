using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest.Attach;
using Hyper2Kvm.Guest.Files;
using Hyper2Kvm.Guest.Inspection;
using Hyper2Kvm.Guest.Mounting;
using Hyper2Kvm.Guest.Registry;
using Hyper2Kvm.Guest.Tests.Fixtures;

namespace Hyper2Kvm.Guest.Tests.Inspection;

public sealed class WindowsTests : IDisposable
{
    private const long MiB = DiskImage.MiB;

    private static readonly GuestVolume Volume = new() { Device = "/dev/sda1", Disk = 0, Partition = 1, Offset = 0, Length = 1, Content = "ntfs" };

    private readonly ScratchDirectory _scratch = new();
    private readonly ConfinedFiles _files;

    public WindowsTests() => _files = ConfinedFiles.Open(Directory.CreateDirectory(_scratch.File("root")).FullName);

    public void Dispose()
    {
        _files.Dispose();
        _scratch.Dispose();
    }

    [Theory]
    [InlineData("Windows 10 Pro", 19045, "Client", "10", "Windows 10 Pro")]
    [InlineData("Windows 10 Pro", 22631, "Client", "11", "Windows 11 Pro")]
    [InlineData("Windows 10 Enterprise", 26100, "Client", "11", "Windows 11 Enterprise")]
    [InlineData("Windows Server 2016 Standard", 14393, "Server", "server-2016", "Windows Server 2016 Standard")]
    [InlineData("Windows Server 2019 Datacenter", 17763, "Server Core", "server-2019", "Windows Server 2019 Datacenter")]
    [InlineData("Windows Server 2022 Standard", 20348, "Server", "server-2022", "Windows Server 2022 Standard")]
    [InlineData("Windows Server 2025 Standard", 26100, "Server", "server-2025", "Windows Server 2025 Standard")]
    [InlineData("Windows 8.1 Pro", 9600, "Client", "8.1", "Windows 8.1 Pro")]
    [InlineData("Windows Server 2012 R2 Standard", 9600, "Server", "server-2012-r2", "Windows Server 2012 R2 Standard")]
    public void Releases_are_told_apart_by_build_and_kind_of_installation(string product, int build, string installation, string release, string name)
    {
        WindowsVolume.Make(_files, _scratch, product, build, installation);

        var found = WindowsInspection.Inspect(_files, Volume)!;

        (found.OperatingSystem.Family, found.OperatingSystem.Version, found.OperatingSystem.ProductName, found.Windows!.Build).Should().Be(("windows", release, name, build));
    }

    [Theory]
    [InlineData("/Windows")]
    [InlineData("/WINDOWS")]
    [InlineData("/winnt")]
    public void A_windows_is_found_and_described_however_its_directories_are_spelled(string root)
    {
        WindowsVolume.Make(_files, _scratch, "Windows 10 Pro", 22621, "Client", root);

        var found = WindowsInspection.Inspect(_files, Volume)!;

        found.Should().BeEquivalentTo(new GuestSystem(
            Volume,
            null,
            new OperatingSystemMetadata { Family = "windows", Distribution = "windows", Version = "11", ProductName = "Windows 11 Pro", HostName = "Büro-7", Root = "/dev/sda1" },
            [],
            "x86_64")
        {
            Windows = new WindowsMetadata
            {
                SystemRoot = root,
                ProductName = "Windows 11 Pro",
                Version = "10.0",
                Build = 22621,
                Revision = 3570,
                DisplayVersion = "22H2",
                Edition = "Professional",
                InstallationType = "Client",
                ControlSet = "ControlSet002",
            },
        });
    }

    [Fact]
    public void A_data_volume_is_no_windows()
    {
        _files.Write("/Windows/readme.txt", "no system"u8);
        WindowsInspection.Inspect(_files, Volume).Should().BeNull();

        _files.Write("/Windows/System32/config/SOFTWARE", "x"u8);
        WindowsInspection.Inspect(_files, Volume).Should().BeNull("it has one hive only");
    }

    [Fact]
    public void Damaged_hives_leave_a_windows_of_which_little_is_known_and_are_told()
    {
        _files.Write("/Windows/System32/config/SOFTWARE", "damaged"u8);
        _files.Write("/Windows/System32/config/SYSTEM", EmptyHive.Make());

        var found = WindowsInspection.Inspect(_files, Volume)!;

        (found.OperatingSystem.ProductName, found.OperatingSystem.Version, found.Windows!.ControlSet).Should().Be(("Windows", null, null));
        found.Problems.Should().ContainSingle().Which.Should().Contain("/Windows/System32/config/SOFTWARE: is no registry hive, or damaged");
    }

    [Fact]
    public void Paths_are_found_whatever_the_case_and_one_of_the_same_case_goes_before()
    {
        _files.Write("/Program Files/Größe/A.TXT", "1"u8);
        _files.Write("/x/NAME", "1"u8);
        _files.Write("/x/name", "2"u8);

        WindowsPath.Find(_files, @"\program files\GRÖSSE\a.txt").Should().BeNull("ß is no ss to Windows");
        WindowsPath.Find(_files, @"\program files\GRÖßE\a.txt").Should().Be("/Program Files/Größe/A.TXT");
        WindowsPath.Find(_files, "/X/name").Should().Be("/x/name");
        WindowsPath.Find(_files, "/x/name/below").Should().BeNull("a file holds nothing");
        WindowsPath.Find(_files, "/").Should().Be("/");
    }

    [Fact]
    public void A_windows_and_a_linux_on_one_disk_are_both_found_and_the_registry_is_written_on_ntfs()
    {
        var disk = new DiskImage(_scratch, "disk").Sized(128 * MiB).Partitioned("label: dos\nstart=1MiB, size=60MiB, type=7, bootable\nstart=64MiB, size=60MiB, type=83\n")
            .WithNtfs(MiB, 60 * MiB).WithExt(64 * MiB, 60 * MiB, LinuxTree.Make(_scratch, string.Empty));
        using (var machine = GuestMachine.Open([GuestDiskSource.Raw(disk.Path)], _scratch.Path))
        using (var volumes = machine.MountVolumes(machine.Volumes, MountOptions.ForWriting))
        {
            WindowsVolume.Make(volumes.Files, _scratch, "Windows Server 2022 Standard", 20348, "Server", "/sda1/Windows");
            volumes.Close();
        }

        using (var machine = GuestMachine.Open([GuestDiskSource.Raw(disk.Path)], _scratch.Path))
        {
            machine.FindSystems().Select(system => (system.Volume.Device, system.OperatingSystem.Version)).Should().Equal(("/dev/sda1", "server-2022"), ("/dev/sda2", "12"));
            machine.Invoking(opened => opened.ChooseSystem()).Should().Throw<StepException>().Where(failure => failure.Code == ErrorCodes.ConvertManyRoots);
            machine.ChooseSystem("first").OperatingSystem.Family.Should().Be("windows");
            machine.ChooseSystem("/dev/sda2").OperatingSystem.Family.Should().Be("linux");

            using var guest = machine.Mount(machine.ChooseSystem("/dev/sda1"), writable: true);
            guest.System.Windows!.ControlSet.Should().Be("ControlSet002");
            using var hive = RegistryHive.Open(guest.Files, WindowsPath.Find(guest.Files, "/windows/system32/config/system")!, writable: true);
            hive.SetValue(@"ControlSet002\Services\viostor", RegistryValue.OfDWord("Start", 0));
            hive.Commit();
            guest.Close();
        }

        using (var machine = GuestMachine.Open([GuestDiskSource.Raw(disk.Path, readOnly: true)], _scratch.Path))
        using (var guest = machine.Mount(machine.ChooseSystem("first"), MountOptions.ReadOnly))
        using (var hive = RegistryHive.Open(guest.Files, "/Windows/System32/config/SYSTEM"))
        {
            hive.Value(@"ControlSet002\Services\viostor", "start")!.Number.Should().Be(0);
        }
    }
}
