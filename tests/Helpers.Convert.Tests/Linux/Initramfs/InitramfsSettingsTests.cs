using System.Text;
using Hyper2Kvm.Core.Processes;
using Hyper2Kvm.Helpers.Convert.Linux.Initramfs;
using Hyper2Kvm.Helpers.Convert.Tests.Fakes;

namespace Hyper2Kvm.Helpers.Convert.Tests.Linux.Initramfs;

/// <summary>Copies of LVM's and mdadm's configuration inside an initramfs, of whatever tool.</summary>
public sealed class InitramfsSettingsTests
{
    private const string Filter = "devices {\n\tfilter = [ \"a|^/dev/sda2$|\", \"r|.*|\" ]\n}\n";
    private const string Accepting = "devices {\n\tfilter = [ \"a|^/dev/[sv]da2$|\", \"a|^/dev/sda2$|\", \"r|.*|\" ]\n}\n";

    [Theory]
    [InlineData("etc/lvm/lvm.conf", Filter, Accepting)]
    [InlineData("etc/lvm/lvmlocal.conf", Filter, Accepting)]
    [InlineData("etc/mdadm/mdadm.conf", "DEVICE /dev/sda1 /dev/sdb1\nARRAY /dev/md0 UUID=1:2:3:4 devices=/dev/sda1,/dev/sdb1\n", "DEVICE partitions\nARRAY /dev/md0 UUID=1:2:3:4\n")]
    [InlineData("etc/mdadm.conf", "DEVICE /dev/sd[ab]1\n", "DEVICE partitions\n")]
    public void A_copy_is_rewritten_as_the_file_in_etc(string path, string before, string after)
    {
        using var guest = With((path, before));
        guest.Put("/" + path, before);

        guest.Convert();

        Text(guest, path).Should().Be(after).And.Be(guest.Text("/" + path));
    }

    [Theory]
    [InlineData("sles15")]
    [InlineData("rhel9")]
    [InlineData("arch")]
    public void It_is_so_in_archives_of_other_tools_too(string family)
    {
        using var guest = FamilyGuest.Make(family);
        var file = FamilyGuest.Initramfs(family);
        UseLvm(guest);
        var compression = family == "arch" ? "zstd" : "gzip";
        guest.Put(file, [.. guest.Files.Read(file), .. Archives.Pack(compression, Extra(("etc/lvm/lvm.conf", Filter)))]);

        guest.Convert();

        var image = InitramfsImage.Read(guest.Files.Read(file), CancellationToken.None);
        Encoding.Latin1.GetString(image.Content("etc/lvm/lvm.conf")!.Value.Span).Should().Be(Accepting);
    }

    [Theory]
    [InlineData(null, "devices/use_devicesfile=0\n")]
    [InlineData("# mine\ndevices {\n\tuse_devicesfile = 1\n}\n", "# mine\ndevices {\n\tuse_devicesfile = 0\n}\n")]
    [InlineData("log { verbose=1 }", "log { verbose=1 }\ndevices/use_devicesfile=0\n")]
    public void A_list_of_devices_that_cannot_be_taken_out_is_passed_over(string? local, string after)
    {
        var list = ("etc/lvm/devices/system.devices", "VERSION=1.1.2\nIDTYPE=sys_wwid IDNAME=naa.6000c29 DEVNAME=/dev/sda2 PVID=x PART=2\n");
        using var guest = local is null ? With(list) : With(list, ("etc/lvm/lvmlocal.conf", local));

        guest.Convert();

        Text(guest, "etc/lvm/lvmlocal.conf").Should().Be(after);
        UsesDevicesFile(after).Should().Be("use_devicesfile=0", "LVM itself reads it so");
        guest.Convert().Report.Changes.Should().BeEmpty("a second conversion finds nothing to do");
    }

    [Fact]
    public void A_filter_that_is_not_understood_stays_and_is_told()
    {
        const string Unknown = "devices {\n filter = [ \"a|(|\" ]\n}\n";
        using var guest = With(("etc/lvm/lvm.conf", Unknown));

        var report = guest.Convert().Report;

        Text(guest, "etc/lvm/lvm.conf").Should().Be(Unknown);
        report.Warnings.Should().ContainSingle(warning => warning.Path == $"/boot/initrd.img-{SampleGuest.Version}" && warning.Message.Contains("etc/lvm/lvm.conf")).Which.Hint.Should().Contain("/dev/vda");
    }

    private static SampleGuest With(params (string Path, string Text)[] files)
    {
        var guest = new SampleGuest();
        UseLvm(guest);
        guest.Put($"/boot/initrd.img-{SampleGuest.Version}", Archives.Gzip([.. Archives.Debian(SampleGuest.Version), .. Extra(files)]));
        return guest;
    }

    private static void UseLvm(SampleGuest guest) => guest.Volumes[1] = SampleGuest.Volume(0, 2, "LVM2_member", "pv", "aaaaaaaa-02");

    private static byte[] Extra(params (string Path, string Text)[] files) => Archives.Cpio(writer =>
    {
        foreach (var (path, text) in files)
            writer.AddFile(path, 1, Encoding.Latin1.GetBytes(text));
    });

    private static string Text(SampleGuest guest, string path) => Encoding.Latin1.GetString(guest.Initramfs().Content(path)!.Value.Span);

    private static string UsesDevicesFile(string local)
    {
        using var directory = new TemporaryDirectory();
        File.WriteAllText(Path.Combine(directory.Path, "lvm.conf"), "devices {\n\tuse_devicesfile = 1\n}\n");
        File.WriteAllText(Path.Combine(directory.Path, "lvmlocal.conf"), local);
        var told = CommandRunner.Run(new Command("lvmconfig", "--type", "current", "devices/use_devicesfile") { Environment = new Dictionary<string, string?> { ["LVM_SYSTEM_DIR"] = directory.Path } });
        return told.OutputText.Trim();
    }
}
