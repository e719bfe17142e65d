using System.Buffers.Binary;
using System.Text;
using Hyper2Kvm.Guest.Attach;
using Hyper2Kvm.Guest.Volumes;
using Hyper2Kvm.Guest.Volumes.Luks;

namespace Hyper2Kvm.Guest.Probing;

/// <summary>Headers of what holds no files itself: encryption, volume managers, RAID members, swap.</summary>
internal static class ContainerFormats
{
    /// <summary>blkid's name of swap on which a system is hibernated.</summary>
    public const string HibernatedSwap = "swsuspend";

    /// <summary>Length of the magic of swap, bytes.</summary>
    public const int SwapSignatureBytes = 10;

    /// <summary>The largest page of a guest, bytes.</summary>
    public const int LargestPage = 65536;

    private const uint MdMagic = 0xA92B4EFC;

    private static readonly int[] PageSizes = [4096, 8192, 16384, LargestPage];

    private static ReadOnlySpan<byte> NewSwap => "SWAPSPACE2"u8;

    private static ReadOnlySpan<byte> OldSwap => "SWAP-SPACE"u8;

    /// <summary>LUKS1 and LUKS2 (LUKS2 On-Disk Format Specification, 2.1; LUKS1 has its UUID in the same place).</summary>
    public static VolumeContent? Luks(ReadOnlySpan<byte> head)
    {
        if (!head[..6].SequenceEqual((ReadOnlySpan<byte>)[(byte)'L', (byte)'U', (byte)'K', (byte)'S', 0xBA, 0xBE]))
        {
            return null;
        }

        var version = BinaryPrimitives.ReadUInt16BigEndian(head[6..]);
        return new VolumeContent(LockedVolumes.Luks, SuperblockText.Label(head.Slice(168, 40)), version == 2 ? SuperblockText.Label(head.Slice(24, 48)) : null);
    }

    /// <summary>LVM2 physical volume: its label in one of the first four sectors (LVM2, lib/format_text/layout.h).</summary>
    public static VolumeContent? Lvm(ReadOnlySpan<byte> head)
    {
        for (var sector = 0; sector < 4; sector++)
        {
            var label = head.Slice(sector * 512, 512);
            if (label[..8].SequenceEqual("LABELONE"u8) && label.Slice(24, 8).SequenceEqual("LVM2 001"u8))
            {
                return new VolumeContent("LVM2_member", LvmUuid(Encoding.ASCII.GetString(label.Slice(32, 32))));
            }
        }

        return null;
    }

    /// <summary>Linux md, superblock versions 1.1 and 1.2 (linux/raid/md_p.h, struct mdp_superblock_1).</summary>
    public static VolumeContent? MdAtStart(ReadOnlySpan<byte> head) => MdVersion1(head) ?? MdVersion1(head[4096..]);

    /// <summary>Linux md, superblock versions 1.0 and 0.90, near the end of the volume.</summary>
    public static VolumeContent? MdAtEnd(IDiskReader disk, long offset, long length)
    {
        const int Tail = 128 * 1024;
        var start = Math.Max(0, (length & ~4095L) - Tail);
        var tail = new byte[Tail + 4096];
        var count = disk.ReadAt(tail.AsSpan(0, (int)Math.Min(tail.Length, length - start)), offset + start);

        // 1.0: 8 KiB from the end, at a multiple of 4 KiB; 0.90: the last whole 64 KiB before the last 64 KiB boundary.
        var version10 = ((length / 512) - 16) / 8 * 8 * 512;
        var version090 = (length & ~0xFFFFL) - 0x10000;
        if (Within(version10) is { } at10 && MdVersion1(tail.AsSpan(at10)) is { } member)
        {
            return member;
        }

        if (Within(version090) is { } at090 && BinaryPrimitives.ReadUInt32LittleEndian(tail.AsSpan(at090)) == MdMagic)
        {
            var superblock = tail.AsSpan(at090);
            Span<byte> uuid = stackalloc byte[16];
            superblock.Slice(20, 4).CopyTo(uuid);
            superblock.Slice(52, 12).CopyTo(uuid[4..]);
            return new VolumeContent("linux_raid_member", SuperblockText.Uuid(uuid));
        }

        return null;

        int? Within(long position) => position >= start && position + 256 <= start + count ? (int)(position - start) : null;
    }

    /// <summary>What stands in the second copy of a LUKS2 header where the first is gone: asked last, since an old copy may lie in what was made over it.</summary>
    public static VolumeContent? SecondLuks(ReadOnlySpan<byte> head)
    {
        foreach (var offset in Luks2Header.SecondaryOffsets)
        {
            if (offset + Luks2Header.BinaryBytes <= head.Length && Luks2Header.IsSecondMagic(head[offset..]))
            {
                var copy = head[offset..];
                return new VolumeContent(LockedVolumes.Luks, SuperblockText.Label(copy.Slice(168, 40)), SuperblockText.Label(copy.Slice(24, 48)));
            }
        }

        return null;
    }

    /// <summary>BitLocker: its boot sector, or that of BitLocker To Go, which looks like FAT32 and has an identifier instead (libbde, "BitLocker Drive Encryption format", 2).</summary>
    public static VolumeContent? BitLocker(ReadOnlySpan<byte> head)
        => head.Slice(3, 8).SequenceEqual("-FVE-FS-"u8) || (head.Slice(3, 8).SequenceEqual("MSWIN4.1"u8) && IsBitLockerId(head.Slice(424, 16)))
            ? new VolumeContent(LockedVolumes.BitLocker)
            : null;

    /// <summary>Swap (linux/swap.h, union swap_header): its magic ends the first page, whose size is the guest's. A system that hibernates puts its own magic there (Linux, kernel/power/swap.c).</summary>
    public static VolumeContent? Swap(ReadOnlySpan<byte> head)
    {
        foreach (var page in PageSizes)
        {
            var magic = head.Slice(page - SwapSignatureBytes, SwapSignatureBytes);
            if (magic.SequenceEqual(NewSwap))
            {
                return Described("swap", head);
            }

            if (magic.SequenceEqual(OldSwap))
            {
                return new VolumeContent("swap");
            }
        }

        return SuspendedPage(head) is not null ? Described(HibernatedSwap, head) : null;
    }

    /// <summary>Size of the first page of swap on which a system is hibernated, bytes; <see langword="null"/> for anything else.</summary>
    /// <param name="head">The first <see cref="LargestPage"/> bytes of a volume.</param>
    public static int? SuspendedPage(ReadOnlySpan<byte> head)
    {
        foreach (var page in PageSizes)
        {
            var magic = head.Slice(page - SwapSignatureBytes, SwapSignatureBytes);
            if (magic.StartsWith("S1SUSPEND"u8) || magic.StartsWith("S2SUSPEND"u8) || magic.StartsWith("ULSUSPEND"u8) || magic.SequenceEqual("LINHIB0001"u8))
            {
                return page;
            }
        }

        return null;
    }

    /// <summary>The magic that was there before the system hibernated, which the kernel kept in front of its own (kernel/power/swap.c, struct swsusp_header: orig_sig).</summary>
    /// <param name="page">The first page.</param>
    public static ReadOnlySpan<byte> SignatureBefore(ReadOnlySpan<byte> page)
        => page.Slice(page.Length - (2 * SwapSignatureBytes), SwapSignatureBytes).SequenceEqual(OldSwap) ? OldSwap : NewSwap;

    private static VolumeContent Described(string type, ReadOnlySpan<byte> head)
        => new(type, SuperblockText.Uuid(head[1036..]), SuperblockText.Label(head.Slice(1052, 16)));

    /// <summary>The identifiers of BitLocker, and of BitLocker that encrypts used space only.</summary>
    private static bool IsBitLockerId(ReadOnlySpan<byte> id)
        => new Guid(id) is var guid && (guid == new Guid("4967d63b-2e29-4ad8-8399-f6a339e3d001") || guid == new Guid("92a84d3b-dd80-4d0e-9e4e-b1e3284eaed8"));

    private static VolumeContent? MdVersion1(ReadOnlySpan<byte> superblock)
        => BinaryPrimitives.ReadUInt32LittleEndian(superblock) == MdMagic && BinaryPrimitives.ReadUInt32LittleEndian(superblock[4..]) == 1
            ? new VolumeContent("linux_raid_member", SuperblockText.Uuid(superblock[16..]), SuperblockText.Label(superblock.Slice(32, 32)))
            : null;

    private static string LvmUuid(string text)
        => $"{text[..6]}-{text[6..10]}-{text[10..14]}-{text[14..18]}-{text[18..22]}-{text[22..26]}-{text[26..32]}";
}
