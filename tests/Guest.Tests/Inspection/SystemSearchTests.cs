using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest.Attach;
using Hyper2Kvm.Guest.Tests.Fixtures;

namespace Hyper2Kvm.Guest.Tests.Inspection;

public sealed class SystemSearchTests : IDisposable
{
    private const long MiB = DiskImage.MiB;

    private readonly ScratchDirectory _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void A_disk_with_no_system_says_what_it_holds()
    {
        var disk = new DiskImage(_scratch, "a").Sized(64 * MiB).WithExt(0, 64 * MiB);
        using var machine = GuestMachine.Open([GuestDiskSource.Raw(disk.Path, readOnly: true)], _scratch.Path);

        machine.Invoking(opened => opened.ChooseSystem()).Should().Throw<StepException>()
            .Where(failure => failure.Code == ErrorCodes.ConvertNoSystem && failure.Message.Contains("/dev/sda (ext4)"));
    }

    [Fact]
    public void A_file_system_that_cannot_be_opened_is_the_failure_where_no_system_is_found()
    {
        var disk = new DiskImage(_scratch, "a").Sized(64 * MiB).WithExt(0, 64 * MiB);
        using (var image = File.OpenWrite(disk.Path))
        {
            // What follows the superblock, whatever the size of a block: the group descriptors are in it.
            image.Seek(2048, SeekOrigin.Begin);
            image.Write([.. Enumerable.Repeat((byte)0xA5, 8192)]);
        }

        using var machine = GuestMachine.Open([GuestDiskSource.Raw(disk.Path, readOnly: true)], _scratch.Path);

        machine.Invoking(opened => opened.ChooseSystem()).Should().Throw<StepException>()
            .Where(failure => failure.Code == ErrorCodes.ConvertMount && failure.Message.Contains("/dev/sda (the ext4 file system is damaged"));
    }

    [Fact]
    public void Two_systems_have_to_be_chosen_from()
    {
        var tree = LinuxTree.Make(_scratch, string.Empty);
        var disk = new DiskImage(_scratch, "a").Sized(128 * MiB).Partitioned("label: dos\nstart=1MiB, size=40MiB, type=83\nstart=48MiB, size=40MiB, type=83\n")
            .WithExt(MiB, 40 * MiB, tree).WithExt(48 * MiB, 40 * MiB, tree);
        using var machine = GuestMachine.Open([GuestDiskSource.Raw(disk.Path)], _scratch.Path);

        machine.Invoking(opened => opened.ChooseSystem()).Should().Throw<StepException>().Where(failure => failure.Code == ErrorCodes.ConvertManyRoots);
        machine.ChooseSystem("first").Volume.Device.Should().Be("/dev/sda1");
        machine.ChooseSystem("/dev/sda2").Volume.Device.Should().Be("/dev/sda2");
    }
}
