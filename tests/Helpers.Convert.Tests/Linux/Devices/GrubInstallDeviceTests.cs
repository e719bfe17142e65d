using Hyper2Kvm.Guest.Mounting;
using Hyper2Kvm.Helpers.Convert.Tests.Fakes;

namespace Hyper2Kvm.Helpers.Convert.Tests.Linux.Devices;

public class GrubInstallDeviceTests
{
    [Theory]
    [InlineData("/dev/sda", "/dev/vdb")]
    [InlineData("/dev/vda", "/dev/vdb")] // the new name of one is the old name of the other
    [InlineData("/dev/sda, /dev/sdb", "/dev/vdb, /dev/vda")]
    public void Disks_that_change_places_are_told_apart(string before, string after)
    {
        const string Answer = "Name: grub-pc/install_devices\nTemplate: grub-pc/install_devices\nValue: ";
        using var guest = new SampleGuest { Naming = new DiskNaming([1, 0]) };
        guest.Put("/var/cache/debconf/config.dat", $"{Answer}{before}\n\n");

        guest.Convert();

        guest.Text("/var/cache/debconf/config.dat").Should().Be($"{Answer}{after}\n\n");
    }
}
