using System.Text;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Helpers.Convert.Tests.Fakes;

namespace Hyper2Kvm.Helpers.Convert.Tests.Linux.Initramfs;

public class InitramfsStepTests
{
    private const string File = $"/boot/initrd.img-{SampleGuest.Version}";
    private const string Modules = $"usr/lib/modules/{SampleGuest.Version}";

    [Theory]
    [InlineData(".ko")]
    [InlineData(".ko.xz")]
    [InlineData(".ko.zst")]
    public void Drivers_come_with_all_that_they_need_and_new_indexes(string suffix)
    {
        using var guest = new SampleGuest(suffix);
        var before = guest.Files.Read(File);
        guest.Convert();
        var image = guest.Initramfs();
        foreach (var module in new[] { "drivers/block/virtio_blk", "drivers/scsi/virtio_scsi", "drivers/net/virtio_net", "drivers/virtio/virtio_pci", "drivers/virtio/virtio", "drivers/virtio/virtio_ring", "net/core/failover" })
            image.Content($"{Modules}/kernel/{module}{suffix}").Should().NotBeNull(module);
        Text(image.Content($"{Modules}/modules.dep")).Should().Contain($"virtio_blk{suffix}:").And.Contain("ext4.ko:");
        image.Content($"{Modules}/modules.dep.bin").Should().NotBeNull();
        image.Content($"{Modules}/modules.alias.bin").Should().NotBeNull();
        Text(image.Content("conf/modules")).Should().Be("ext4\nvirtio_pci\nvirtio_blk\nvirtio_scsi\nsd_mod\nvirtio_net\n");
        Text(image.Content("conf/conf.d/resume")).Should().Be($"RESUME=UUID={SampleGuest.SwapUuid}\n");
        guest.Files.Read(File + ".pre-hyper2kvm").Should().Equal(before, "the old file is kept");
        guest.Files.List("/boot").Should().NotContain(name => name.EndsWith("-new"));
    }

    [Theory]
    [InlineData(".ko.xz")]
    [InlineData(".ko.zst")]
    public void A_module_that_unpacks_to_more_than_any_module_is_refused_before_it_fills_the_host(string suffix)
    {
        using var guest = new SampleGuest(suffix);
        guest.Put($"/usr/lib/modules/{SampleGuest.Version}/kernel/drivers/block/virtio_blk{suffix}", Archives.Pack(suffix == ".ko.xz" ? "xz" : "zstd", new byte[300 << 20]));

        guest.Invoking(refused => refused.Convert()).Should().Throw<StepException>()
            .Where(failure => failure.Code == ErrorCodes.ConvertInitramfs && failure.Message.Contains($"virtio_blk{suffix}") && failure.Message.Contains("256 MiB"));
        guest.Files.Written.Should().BeEmpty();
    }

    [Fact]
    public void A_default_kernel_that_could_not_find_its_root_without_an_initramfs_is_refused()
    {
        using var guest = new SampleGuest();
        guest.Files.Delete(File);
        var fstab = guest.Text("/etc/fstab");

        guest.Invoking(refused => refused.Convert()).Should().Throw<StepException>()
            .Where(failure => failure.Code == ErrorCodes.ConvertKernel && failure.Message.Contains("virtio_blk") && failure.Hint.Contains(SampleGuest.Version));
        guest.Text("/etc/fstab").Should().Be(fstab);
    }

    [Fact]
    public void A_kernel_without_an_initramfs_whose_root_drivers_are_built_in_is_no_concern()
    {
        using var guest = new SampleGuest();
        guest.AddKernel("6.9.0-1-amd64", builtIn: "kernel/x/virtio_pci.ko\nkernel/x/virtio_blk.ko\nkernel/x/sd_mod.ko\n", virtio: true);

        guest.Convert().Report.Warnings.Should().NotContain(warning => warning.Message.Contains("no initramfs"));
    }

    [Fact]
    public void Every_installed_kernel_is_served_the_one_with_drivers_inside_is_left_alone()
    {
        using var guest = new SampleGuest();
        guest.AddKernel("5.10.0-1-amd64");
        guest.Put("/boot/initrd.img-5.10.0-1-amd64", Archives.Pack("xz", Archives.Debian("5.10.0-1-amd64", "RESUME=none\n")));
        guest.AddKernel("6.9.0-1-amd64", builtIn: string.Concat(new[] { "virtio_pci", "virtio_blk", "virtio_scsi", "virtio_net", "virtio", "virtio_ring" }.Select(name => $"kernel/x/{name}.ko\n")), virtio: false);
        guest.Put("/boot/initrd.img-6.9.0-1-amd64", Archives.Gzip(Archives.Cpio(writer =>
        {
            writer.AddFile("init", 1, "x"u8);
            writer.AddFile("lib/modules/6.9.0-1-amd64/modules.dep", 1, "kernel/drivers/scsi/sd_mod.ko:\n"u8);
            writer.AddFile("lib/modules/6.9.0-1-amd64/modules.dep.bin", 1, "x"u8);
            writer.AddFile("lib/modules/6.9.0-1-amd64/kernel/drivers/scsi/sd_mod.ko", 1, Archives.Module(".ko"));
        })));
        var report = guest.Convert().Report;
        guest.Initramfs("5.10.0-1-amd64").Content("usr/lib/modules/5.10.0-1-amd64/kernel/drivers/block/virtio_blk.ko").Should().NotBeNull();
        report.Changes.Where(change => change.Concern == "initramfs" && change.Action == "edit").Select(change => change.Path).Should().Equal(File, "/boot/initrd.img-5.10.0-1-amd64");
        report.Notes.Should().Contain(note => note.Path == "/boot/initrd.img-6.9.0-1-amd64");
    }

    [Fact]
    public void The_guests_own_next_rebuild_keeps_the_drivers()
    {
        using var guest = new SampleGuest();
        guest.Put("/etc/initramfs-tools/modules", "# mine\nvirtio-pci\nsd_mod");
        guest.Convert();
        guest.Text("/etc/initramfs-tools/modules").Should().Be("# mine\nvirtio-pci\nsd_mod\n# hyper2kvm: drivers for KVM\nvirtio_blk\nvirtio_scsi\nvirtio_net\n");
        guest.Text("/etc/initramfs-tools/conf.d/resume").Should().Be($"RESUME=UUID={SampleGuest.SwapUuid}\n");
    }

    [Fact]
    public void The_file_that_keeps_an_interface_name_is_in_the_initramfs_too()
    {
        using var guest = new SampleGuest();
        guest.Put("/etc/network/interfaces", "iface ens192 inet dhcp\n");
        guest.Convert();
        guest.Initramfs().Content("usr/lib/systemd/network/10-hyper2kvm-ens192.link")!.Value.ToArray()
            .Should().Equal(guest.Files.Read("/etc/systemd/network/10-hyper2kvm-ens192.link"));
    }

    [Fact]
    public void A_module_that_is_named_but_missing_or_truncated_is_refused_with_its_path()
    {
        using var guest = new SampleGuest();
        var path = $"/usr/lib/modules/{SampleGuest.Version}/kernel/drivers/block/virtio_blk.ko";
        guest.Put(path, []);
        Failing(guest).Message.Should().Contain("virtio_blk.ko is no kernel module");
        guest.Files.Delete(path);
        Failing(guest).Message.Should().Contain("virtio_blk.ko is named by modules.dep but is not there");
        guest.Files.Written.Should().BeEmpty();
    }

    [Fact]
    public void An_archive_in_which_nothing_is_known_to_load_drivers_is_refused_with_the_remedy()
    {
        using var guest = new SampleGuest();
        guest.Put(File, Archives.Gzip(Archives.Cpio(writer => writer.AddFile("init", 1, "#!/bin/sh\ninsmod /lib/mptspi.ko\n"u8))));
        var failure = Failing(guest);
        failure.Code.Should().Be(ErrorCodes.ConvertInitramfs);
        failure.Message.Should().StartWith(File).And.Contain("nothing in it is known to load drivers");
        failure.Hint.Should().Contain("mkinitrd --with=virtio_pci");
        guest.Files.Written.Should().BeEmpty();
    }

    [Fact]
    public void A_hostile_archive_is_refused_with_the_files_name_and_nothing_is_written()
    {
        using var guest = new SampleGuest();
        guest.Put(File, Archives.Gzip(Archives.Raw("../../etc/cron.d/x", 0x81A4, [1])));
        var failure = Failing(guest);
        failure.Code.Should().Be(ErrorCodes.ConvertInitramfs);
        failure.Message.Should().StartWith(File);
        guest.Files.Written.Should().BeEmpty();
    }

    [Fact]
    public void A_path_in_modules_dep_that_leads_out_is_refused()
    {
        using var guest = new SampleGuest();
        guest.Put($"/usr/lib/modules/{SampleGuest.Version}/modules.dep", "../../../../etc/virtio_blk.ko:\nkernel/virtio_pci.ko:\n");
        Failing(guest).Code.Should().Be(ErrorCodes.ConvertInitramfs);
    }

    [Fact]
    public void A_conversion_that_was_killed_between_its_renames_is_taken_up_again()
    {
        using var guest = new SampleGuest();
        guest.Files.Rename(File, File + ".pre-hyper2kvm");
        guest.Put(File + ".hyper2kvm-new", "half");
        guest.Convert();
        guest.Initramfs().Content($"{Modules}/kernel/drivers/block/virtio_blk.ko").Should().NotBeNull();
        guest.Convert().Report.Changes.Should().BeEmpty();
    }

    [Fact]
    public void The_hash_that_older_initramfs_tools_record_is_that_of_the_new_file()
    {
        using var guest = new SampleGuest();
        guest.Put($"/var/lib/initramfs-tools/{SampleGuest.Version}", $"{new string('0', 40)}  {File}\n");
        guest.Convert();
#pragma warning disable CA5350
        var hash = System.Convert.ToHexStringLower(System.Security.Cryptography.SHA1.HashData(guest.Files.Read(File)));
#pragma warning restore CA5350
        guest.Text($"/var/lib/initramfs-tools/{SampleGuest.Version}").Should().Be($"{hash}  {File}\n");
    }

    [Fact]
    public void Room_on_a_separate_boot_is_asked_for_by_what_is_written_there()
    {
        using var guest = new SampleGuest();
        guest.Mounts.AddRange([new(guest.Volumes[0], "/"), new(guest.Volumes[2], "/boot")]);
        var noise = new byte[60 << 20];
        new Random(1).NextBytes(noise);
        guest.Put(File, Archives.Pack("none", Archives.Cpio(writer =>
        {
            writer.AddDirectory("conf", 1);
            writer.AddFile("conf/modules", 1, []);
            writer.AddFile("big", 1, noise);
        })));
        guest.Files.FreeByPath["/boot"] = 55L << 20;
        var failure = Failing(guest);
        failure.Code.Should().Be(ErrorCodes.ConvertNoSpace);
        failure.Message.Should().Contain("/boot").And.Contain("beside the old ones");
    }

    private static StepException Failing(SampleGuest guest) => guest.Invoking(sample => sample.Convert()).Should().Throw<StepException>().Which;

    private static string Text(ReadOnlyMemory<byte>? content) => Encoding.ASCII.GetString(content!.Value.Span);
}
