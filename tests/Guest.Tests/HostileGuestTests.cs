using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest.Attach;
using Hyper2Kvm.Guest.Mounting;
using Hyper2Kvm.Guest.Tests.Fixtures;

namespace Hyper2Kvm.Guest.Tests;

/// <summary>A guest that is made to harm: through a real file system, mounted by the engine.</summary>
public sealed class HostileGuestTests : IDisposable
{
    private const long MiB = DiskImage.MiB;

    private readonly ScratchDirectory _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void An_fstab_of_10_gib_that_is_all_hole_is_refused_before_it_is_read()
    {
        var tree = Tree();
        using (var fstab = File.OpenWrite(Path.Combine(tree, "etc/fstab")))
        {
            fstab.SetLength(10L << 30);
        }

        Mounting(tree).Should().Throw<StepException>().Where(failure => failure.Code == ErrorCodes.ConvertHostile && failure.Message.Contains("/etc/fstab") && failure.Message.Contains("10737418240"));
    }

    [Theory]
    [InlineData("p")]
    [InlineData("c")]
    [InlineData("b")]
    public void A_fifo_or_a_device_in_place_of_fstab_is_refused_and_never_opened(string kind)
    {
        var tree = Tree();
        File.Delete(Path.Combine(tree, "etc/fstab"));
        Tool.Run("mknod", kind == "p" ? [Path.Combine(tree, "etc/fstab"), "p"] : [Path.Combine(tree, "etc/fstab"), kind, "10", "237"]);

        Mounting(tree).Should().Throw<StepException>().Where(failure => failure.Code == ErrorCodes.ConvertHostile && failure.Message.Contains("no regular file"));
    }

    [Fact]
    public void An_fstab_that_is_a_loop_of_links_is_refused()
    {
        var tree = Tree();
        File.Delete(Path.Combine(tree, "etc/fstab"));
        File.CreateSymbolicLink(Path.Combine(tree, "etc/fstab"), "fstab.other");
        File.CreateSymbolicLink(Path.Combine(tree, "etc/fstab.other"), "/etc/fstab");

        Mounting(tree).Should().Throw<StepException>().WithMessage("*loop*");
    }

    [Theory]
    [InlineData("/proc/self/root/etc/hostname")]
    [InlineData("../../../../../../../etc/hostname")]
    [InlineData("/etc/hostname")]
    public void Links_of_a_mounted_guest_that_point_out_of_it_stay_inside(string target)
    {
        var tree = Tree();
        File.CreateSymbolicLink(Path.Combine(tree, "etc/out"), target);
        var disk = Disk(tree);
        using var machine = GuestMachine.Open([GuestDiskSource.Raw(disk.Path)], _scratch.Path);
        using var guest = machine.Mount(machine.ChooseSystem("first"), MountOptions.ForWriting);

        if (target.Contains("proc"))
        {
            guest.Files.Status("/etc/out").Should().BeNull("the guest's /proc is empty");
        }
        else
        {
            guest.Files.Read("/etc/out").Should().Equal("guest1\n"u8.ToArray());
        }

        guest.Files.Status("/etc/out", followLinks: false)!.Kind.Should().Be(GuestFileKind.SymbolicLink);
    }

    [Fact]
    public void Names_with_newlines_in_a_mounted_guest_are_names_like_others()
    {
        var tree = Tree();
        File.WriteAllText(Path.Combine(tree, "etc/a\ndev-sda1 ext4\nb"), "x");
        using var machine = GuestMachine.Open([GuestDiskSource.Raw(Disk(tree).Path)], _scratch.Path);
        using var guest = machine.Mount(machine.ChooseSystem("first"), MountOptions.ReadOnly);

        var name = guest.Files.List("/etc").Single(one => one.Contains('\n'));
        guest.Files.Read($"/etc/{name}").Should().Equal("x"u8.ToArray());
    }

    private string Tree() => LinuxTree.Make(_scratch, string.Empty);

    private DiskImage Disk(string tree)
    {
        // cp keeps what mke2fs -d would not: holes, and FIFOs without a reader.
        var disk = new DiskImage(_scratch, "a").Sized(64 * MiB).WithExt(0, 64 * MiB);
        Tool.Run("unshare", "--mount", "sh", "-ec", "mount -o loop \"$1\" \"$2\"; cp -a --sparse=always \"$3/.\" \"$2/\"; umount \"$2\"", "sh", disk.Path, Directory.CreateDirectory(_scratch.File("mount")).FullName, tree);
        return disk;
    }

    private Action Mounting(string tree)
    {
        var disk = Disk(tree);
        return () =>
        {
            using var machine = GuestMachine.Open([GuestDiskSource.Raw(disk.Path)], _scratch.Path);
            using var guest = machine.Mount(machine.ChooseSystem("first"), MountOptions.ForWriting);
        };
    }
}
