using Hyper2Kvm.Guest.Probing;
using Hyper2Kvm.Guest.Tests.Fixtures;

namespace Hyper2Kvm.Guest.Tests.Probing;

public sealed class VolumeProbeTests : IDisposable
{
    private const long Size = 320 * DiskImage.MiB;

    private readonly ScratchDirectory _scratch = new();

    public void Dispose() => _scratch.Dispose();

    public static TheoryData<string, string[]> Formats => new()
    {
        { "mke2fs", ["-q", "-F", "-t", "ext2", "-L", "two words"] },
        { "mke2fs", ["-q", "-F", "-t", "ext3"] },
        { "mke2fs", ["-q", "-F", "-t", "ext4", "-L", "sixteen-letters!"] },
        { "mkfs.xfs", ["-q", "-L", "xlabel"] },
        { "mkfs.btrfs", ["-q", "-L", "b label"] },
        { "mkfs.vfat", ["-n", "EFI"] },
        { "mkfs.vfat", ["-F", "16"] },
        { "mkfs.ntfs", ["-q", "-F", "-f"] },
        { "mkswap", ["-q", "-L", "swappy"] },
    };

    [Theory]
    [MemberData(nameof(Formats))]
    public void The_answer_is_that_of_blkid(string program, string[] arguments)
    {
        var image = new DiskImage(_scratch, "a").Sized(Size);
        Tool.Run(program, [.. arguments, image.Path]);
        var blkid = Tool.Run("blkid", "-p", "-o", "export", image.Path).Split('\n').Select(line => line.Split('=', 2)).Where(pair => pair.Length == 2)
            .ToDictionary(pair => pair[0], pair => pair[1].Replace("\\", string.Empty));

        var content = VolumeProbe.Identify(MemoryDisk.Of(image.Path, (int)DiskImage.MiB), 0, Size);

        content.Should().Be(new VolumeContent(blkid["TYPE"], blkid.GetValueOrDefault("UUID"), blkid.GetValueOrDefault("LABEL")));
    }

    [Theory]
    [InlineData("luks1")]
    [InlineData("luks2")]
    public void Luks_headers_are_known(string version)
    {
        // As cryptsetup writes them: LUKS1 and LUKS2 have their UUID at the same place (no cryptsetup is needed to test that).
        var head = new byte[128 * 1024];
        ((ReadOnlySpan<byte>)[0x4C, 0x55, 0x4B, 0x53, 0xBA, 0xBE, 0, (byte)(version == "luks1" ? 1 : 2)]).CopyTo(head);
        "label"u8.CopyTo(head.AsSpan(24));
        "01234567-89ab-cdef-0123-456789abcdef"u8.CopyTo(head.AsSpan(168));

        VolumeProbe.Identify(new MemoryDisk(Size, head), 0, Size).Should()
            .Be(new VolumeContent("crypto_LUKS", "01234567-89ab-cdef-0123-456789abcdef", version == "luks1" ? null : "label"));
    }

    [Fact]
    public void An_lvm_member_is_known_with_the_uuid_that_lvm_prints()
    {
        var head = new byte[4096];
        "LABELONE"u8.CopyTo(head.AsSpan(512));
        "LVM2 001"u8.CopyTo(head.AsSpan(512 + 24));
        "abcdefGHIJklmnOPQRstuvWXYZ012345"u8.CopyTo(head.AsSpan(512 + 32));

        VolumeProbe.Identify(new MemoryDisk(Size, head), 0, Size).Should().Be(new VolumeContent("LVM2_member", "abcdef-GHIJ-klmn-OPQR-stuv-WXYZ-012345"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4096)]
    [InlineData(-8192)]
    public void A_raid_member_is_no_file_system_though_it_looks_like_one(long place)
    {
        var image = new DiskImage(_scratch, "a").Sized(64 * DiskImage.MiB).WithExt(0, 60 * DiskImage.MiB);
        using (var file = File.OpenHandle(image.Path, access: FileAccess.ReadWrite))
        {
            byte[] superblock = [0xFC, 0x4E, 0x2B, 0xA9, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, .. Enumerable.Range(1, 16).Select(value => (byte)value), .. "host:0"u8];
            RandomAccess.Write(file, superblock, place < 0 ? (64 * DiskImage.MiB) + place : place);
        }

        VolumeProbe.Identify(MemoryDisk.Of(image.Path, (int)DiskImage.MiB), 0, 64 * DiskImage.MiB).Should()
            .Be(new VolumeContent("linux_raid_member", "01020304-0506-0708-090a-0b0c0d0e0f10", "host:0"));
    }

    [Fact]
    public void Random_and_tiny_volumes_are_unknown_or_known_but_never_a_crash()
    {
        var random = new Random(7);
        for (var round = 0; round < 2000; round++)
        {
            var bytes = new byte[random.Next(1, 200_000)];
            random.NextBytes(bytes);
            VolumeProbe.Identify(new MemoryDisk(bytes.Length, bytes), 0, bytes.Length).Should().BeNull();
        }

        for (var length = 0; length < 1024; length++)
        {
            VolumeProbe.Identify(new MemoryDisk(length, []), 0, length).Should().BeNull();
        }
    }
}
