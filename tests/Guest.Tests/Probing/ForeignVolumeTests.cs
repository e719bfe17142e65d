using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest.Attach;
using Hyper2Kvm.Guest.Tests.Fixtures;

namespace Hyper2Kvm.Guest.Tests.Probing;

/// <summary>What is known and not opened: BitLocker, Windows dynamic disks.</summary>
public sealed class ForeignVolumeTests : IDisposable
{
    private readonly ScratchDirectory _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData(3, "2D4656452D46532D")] // -FVE-FS-
    [InlineData(424, "3BD66749292ED84A8399F6A339E3D001")] // BitLocker To Go, in a boot sector of FAT32
    [InlineData(424, "3B4DA89280DD0E4D9E4EB1E3284EAED8")]
    public void BitLocker_is_refused_with_what_to_do_in_the_guest(int at, string signature)
    {
        var image = new DiskImage(_scratch, "disk").Sized(40 * DiskImage.MiB).Partitioned("label: dos\nstart=2048, type=7\n");
        if (at != 3)
        {
            image.WithFat(DiskImage.MiB, 39 * DiskImage.MiB);
            Write(image.Path, DiskImage.MiB + 3, "MSWIN4.1"u8);
        }

        Write(image.Path, DiskImage.MiB + at, Convert.FromHexString(signature));

        Refused(image.Path, "/dev/sda1", "BitLocker", "manage-bde -off C:");
    }

    [Fact]
    public void A_whole_disk_of_BitLocker_has_no_partition_table()
    {
        var sector = new byte[512];
        "-FVE-FS-"u8.CopyTo(sector.AsSpan(3));
        (sector[510], sector[511]) = (0x55, 0xAA);

        VolumeDiscovery.Discover([new MemoryDisk(DiskImage.MiB, sector)]).Volumes.Should().ContainSingle(volume => volume.Device == "/dev/sda" && volume.Content == "BitLocker");
    }

    [Fact]
    public void A_dynamic_disk_with_an_MBR_is_refused_though_a_file_system_begins_there()
    {
        var image = new DiskImage(_scratch, "disk").Sized(40 * DiskImage.MiB).Partitioned("label: dos\nstart=2048, type=42\n").WithExt(DiskImage.MiB, 39 * DiskImage.MiB, LinuxTree.Make(_scratch, string.Empty));
        using (var machine = GuestMachine.Open([GuestDiskSource.Raw(image.Path, readOnly: true)], _scratch.Path))
        {
            machine.Volumes.Single().Content.Should().Be("ext4", "the type alone is that of SFS too");
        }

        Write(image.Path, 6 * 512, "PRIVHEAD"u8);

        Refused(image.Path, "/dev/sda1", "LDM", "basic");
    }

    [Fact]
    public void A_dynamic_disk_with_a_GPT_is_refused()
    {
        var image = new DiskImage(_scratch, "disk").Sized(40 * DiskImage.MiB).Partitioned(
            "label: gpt\nsize=1MiB, type=5808C8AA-7E8F-42E0-85D2-E1E90434CFB3\nsize=20MiB, type=AF9B60A0-1431-4F62-BC68-3311714A69AD\n");

        Refused(image.Path, "/dev/sda2", "LDM", "basic");
    }

    private static void Write(string path, long offset, ReadOnlySpan<byte> bytes)
    {
        using var file = File.OpenHandle(path, access: FileAccess.ReadWrite);
        RandomAccess.Write(file, bytes, offset);
    }

    private void Refused(string path, string device, string content, string remedy)
    {
        using var machine = GuestMachine.Open([GuestDiskSource.Raw(path, readOnly: true)], _scratch.Path);

        machine.Volumes.Should().ContainSingle(volume => volume.Device == device).Which
            .Should().Match<GuestVolume>(volume => volume.Content == content && volume.Lock == VolumeLock.Unsupported && volume.Problem != null);
        machine.Invoking(opened => opened.ChooseSystem()).Should().Throw<StepException>()
            .Where(failure => failure.Code == ErrorCodes.ConvertUnsupported && failure.Message.Contains(device) && failure.Hint.Contains(remedy));
    }
}
