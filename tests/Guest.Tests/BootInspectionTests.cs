using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Guest.Inspection;
using Hyper2Kvm.Guest.Partitions;

namespace Hyper2Kvm.Guest.Tests;

public sealed class BootInspectionTests
{
    private const string Esp = "c12a7328-f81f-11d2-ba4b-00a0c93ec93b";
    private const string BiosBoot = "21686148-6449-6e6f-744e-656564454649";
    private const string Linux = "0fc63daf-8483-4772-8e79-3d69d8477de4";

    [Theory]
    [InlineData(PartitionTableKind.Gpt, false, Firmware.Uefi, Esp, Linux)]
    [InlineData(PartitionTableKind.Gpt, true, Firmware.Uefi, Esp, Linux)]
    [InlineData(PartitionTableKind.Gpt, true, Firmware.Bios, Esp, BiosBoot, Linux)]
    [InlineData(PartitionTableKind.Gpt, true, Firmware.Bios, BiosBoot, Linux)]
    [InlineData(PartitionTableKind.Gpt, false, Firmware.Bios, Linux)]
    [InlineData(PartitionTableKind.Mbr, true, Firmware.Bios, "83")]
    [InlineData(PartitionTableKind.Mbr, true, Firmware.Bios, "ef", "83")]
    [InlineData(PartitionTableKind.Mbr, false, Firmware.Uefi, "ef", "83")]
    [InlineData(PartitionTableKind.None, false, Firmware.Bios)]
    public void Firmware_is_known_by_the_partitions(PartitionTableKind kind, bool hasBootCode, Firmware expected, params string[] types)
        => BootInspection.DetectFirmware([Disk(0, kind, hasBootCode, types)]).Should().Be(expected);

    [Fact]
    public void The_boot_disk_is_the_one_with_boot_code_or_with_an_efi_system_partition()
    {
        GuestDisk[] bios = [Disk(0, PartitionTableKind.Mbr, false, "83"), Disk(1, PartitionTableKind.Mbr, true, "83")];
        GuestDisk[] uefi = [Disk(0, PartitionTableKind.Gpt, true, Linux), Disk(1, PartitionTableKind.Gpt, false, Linux), Disk(2, PartitionTableKind.Gpt, false, Esp)];

        BootInspection.DetectBootDisk(bios, Firmware.Bios).Should().Be(1);
        BootInspection.DetectBootDisk(uefi, Firmware.Uefi).Should().Be(2);
        BootInspection.DetectBootDisk([Disk(0, PartitionTableKind.None, false)], Firmware.Bios).Should().Be(0);
    }

    [Theory]
    [InlineData(0, "/dev/sda")]
    [InlineData(25, "/dev/sdz")]
    [InlineData(26, "/dev/sdaa")]
    [InlineData(701, "/dev/sdzz")]
    [InlineData(702, "/dev/sdaaa")]
    public void Disks_are_named_as_the_kernel_names_scsi_disks(int index, string device)
        => Disk(index, PartitionTableKind.None, false).Device.Should().Be(device);

    private static GuestDisk Disk(int index, PartitionTableKind kind, bool hasBootCode, params string[] types)
        => new(index, 1 << 30, new PartitionTable(kind, [.. types.Select((type, at) => new Partition { Number = at + 1, Offset = 512, Length = 512, Type = type })], []), hasBootCode, ReadOnly: false);
}
