using Hyper2Kvm.Helpers.Convert.Tests.Fakes;

namespace Hyper2Kvm.Helpers.Convert.Tests.Linux.Devices;

public class CrypttabTests
{
    [Theory]
    [InlineData("sda1_crypt /dev/sda1  none luks,discard", "sda1_crypt UUID=" + SampleGuest.RootUuid + "  none luks,discard")]
    [InlineData("sda1_crypt UUID=x none luks", "sda1_crypt UUID=x none luks")]
    [InlineData("swap /dev/sda2 /dev/urandom swap,cipher=aes", "swap PARTUUID=aaaaaaaa-02 /dev/urandom swap,cipher=aes")]
    public void Encrypted_volumes_get_lasting_names_and_swap_with_a_random_key_one_that_outlives_its_content(string before, string after)
    {
        using var guest = new SampleGuest();
        guest.Put("/etc/crypttab", before + "\n");
        guest.Convert();
        guest.Text("/etc/crypttab").Should().Be(after + "\n");
    }

    [Fact]
    public void Caches_of_device_names_are_removed()
    {
        using var guest = new SampleGuest();
        guest.Put("/etc/lvm/devices/system.devices", "IDTYPE=sys_wwid");
        guest.Put("/etc/blkid.tab", "x");
        guest.Convert();
        guest.Files.Status("/etc/lvm/devices/system.devices").Should().BeNull();
        guest.Files.Status("/etc/blkid.tab").Should().BeNull();
    }
}
