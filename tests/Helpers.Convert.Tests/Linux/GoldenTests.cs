using Hyper2Kvm.Helpers.Convert.Tests.Fakes;

namespace Hyper2Kvm.Helpers.Convert.Tests.Linux;

/// <summary>File trees of guests before a conversion, and what it does to them: see <see cref="GoldenCase"/>.</summary>
public sealed class GoldenTests
{
    public static TheoryData<string> Names => [.. GoldenCase.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_conversion_changes_what_it_should_and_a_second_one_nothing(string name)
    {
        using var golden = new GoldenCase(name);

        var changes = golden.Changes(golden.Guest.Convert().Report);

        changes.Should().Be(golden.Expected(changes), "UPDATE_GOLDEN=1 writes what is expected");
        golden.Guest.Convert().Report.Changes.Should().BeEmpty();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void What_was_edited_is_read_by_its_own_tool(string name)
    {
        using var golden = new GoldenCase(name);
        golden.Guest.Convert();

        OwnTools.Read(golden.Guest.Root).Should().Contain("findmnt /etc/fstab").And.NotContain(line => line.StartsWith("FAILED", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/etc/fstab", "UUID=x / ext4\nonly two\n", "findmnt")]
    [InlineData("/etc/crypttab", "alone\n", "systemd-cryptsetup-generator")]
    [InlineData("/boot/grub/grub.cfg", "menuentry 'a' {\n", "grub-script-check")]
    [InlineData("/boot/grub/grubenv", "# GRUB Environment Block\nsaved_entry=0\n", "grub-editenv")]
    [InlineData("/etc/default/grub", "GRUB_CMDLINE_LINUX=\"quiet\n", "sh")]
    [InlineData("/etc/dracut.conf.d/hyper2kvm.conf", "add_drivers+=\" virtio_pci\n", "bash")]
    [InlineData("/etc/systemd/system/srv.mount", "[Mount]\nWhere=/srv\nWath=/dev/vda1\n", "systemd-analyze")]
    [InlineData("/etc/systemd/network/10-hyper2kvm-eth0.link", "[Match]\nMACAddress=00:0c:29:zz\n[Link]\nName=eth0\n", "udevadm")]
    [InlineData("/etc/udev/rules.d/70-hyper2kvm-net.rules", "SUBSYSTEM==\"net\", ATTRX{address}==\"00\", NAME=\"eth0\"\n", "udevadm")]
    [InlineData("/etc/lvm/lvm.conf", "devices { filter = [ \"a|x|\"\n", "lvmconfig")]
    [InlineData("/etc/mdadm/mdadm.conf", "DEVICES\nPARTITION all\n", "mdadm")]
    [InlineData("/etc/modprobe.d/hyper2kvm-tools.conf", "blaclist vmhgfs\n", "modprobe")]
    [InlineData("/etc/netplan/01.yaml", "network:\n  version: 2\n  ethernets: [\n", "netplan")]
    [InlineData("/etc/cloud/cloud.cfg.d/99-hyper2kvm.cfg", "network: [\n", "yaml")]
    [InlineData("/root/.ssh/authorized_keys", "ssh-ed25519 none\n", "ssh-keygen")]
    public void A_damaged_file_is_one_that_its_tool_does_not_accept(string path, string text, string tool)
    {
        using var directory = new TemporaryDirectory();
        Directory.CreateDirectory(Path.GetDirectoryName(directory.Path + path)!);
        File.WriteAllText(directory.Path + path, text);

        OwnTools.Read(directory.Path).Should().Contain(line => line.StartsWith($"FAILED {tool} /", StringComparison.Ordinal));
    }
}
