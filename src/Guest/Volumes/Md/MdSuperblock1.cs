using System.Buffers.Binary;
using System.Text;
using Hyper2Kvm.Guest.Attach;

namespace Hyper2Kvm.Guest.Volumes.Md;

/// <summary>The superblock of version 1: at the end (1.0), at the start (1.1) or 4 KiB from it (1.2) (linux/raid/md_p.h, struct mdp_superblock_1).</summary>
internal static class MdSuperblock1
{
    private const int SectorBytes = 512;
    private const int HeadBytes = 256;
    private const int ChecksumOffset = 216;
    private const uint Magic = 0xA92B4EFC;
    private const int MostRoles = 1920; // what fits into 4 KiB
    private const int Spare = 0xFFFD; // this and what is above: journal, failed, spare

    // MD_FEATURE_…
    private const uint RecoveryOffset = 2;
    private const uint Reshape = 4;
    private const uint BadBlocks = 8;
    private const uint Replacement = 16;
    private const uint NewOffset = 64;
    private const uint RecoveryBitmap = 128;
    private const uint Clustered = 256;
    private const uint Raid0Layout = 4096;
    private const uint Known = 1 | RecoveryOffset | Reshape | BadBlocks | Replacement | 32 | NewOffset | RecoveryBitmap | Clustered | 512 | 1024 | 2048 | Raid0Layout;

    /// <summary>The layout of a RAID 0 that says nothing of it.</summary>
    public const uint LayoutUnknown = 0;

    /// <summary>Reads it.</summary>
    /// <param name="member">The member.</param>
    /// <param name="problem">What is wrong with it; left as it was where there is none.</param>
    public static MdSuperblock? Read(IDiskReader member, ref string? problem)
    {
        var sectors = member.Length / SectorBytes;
        foreach (var (version, start) in new[] { ("1.1", 0L), ("1.2", 8L), ("1.0", (sectors - 16) & ~7L) })
        {
            if (start >= 0 && ReadAt(member, version, start, ref problem) is { } superblock)
            {
                return superblock;
            }
        }

        return null;
    }

    private static MdSuperblock? ReadAt(IDiskReader member, string version, long startSector, ref string? problem)
    {
        var bytes = new byte[HeadBytes + (MostRoles * 2)];
        var count = member.ReadAt(bytes, startSector * SectorBytes);
        if (count < HeadBytes || U32(0) != Magic || U32(4) != 1 || U64(144) != (ulong)startSector)
        {
            return null;
        }

        var roles = U32(220);
        if (roles > MostRoles || HeadBytes + (roles * 2) > count || MdChecksum.Of(bytes.AsSpan(0, HeadBytes + ((int)roles * 2)), ChecksumOffset) != U32(ChecksumOffset))
        {
            problem = $"its md superblock ({version}) has a wrong checksum";
            return null;
        }

        var (features, members, level) = (U32(8), U32(92), (int)U32(72));
        var sectors = (ulong)(member.Length / SectorBytes);
        var (data, length, used, chunk) = (U64(128), U64(136), U64(80), U32(88));
        if (members is 0 or > MostRoles || data > sectors || length > sectors - data || (level is 0 or 10 && chunk == 0) || chunk > int.MaxValue / SectorBytes)
        {
            problem = $"its md superblock ({version}) has impossible numbers";
            return null;
        }

        var number = U32(160);
        var role = number < roles ? Role((int)number) : Spare;
        var name = bytes.AsSpan(32, 32);
        var end = name.IndexOf((byte)0);
        return new MdSuperblock
        {
            Version = version,
            ArrayId = new Guid(bytes.AsSpan(16, 16), bigEndian: true),
            Name = Encoding.UTF8.GetString(end < 0 ? name : name[..end]),
            Level = level,
            Layout = level == 0 && (features & Raid0Layout) == 0 ? LayoutUnknown : U32(76),
            ChunkBytes = (long)chunk * SectorBytes,
            Members = (int)members,
            Role = role < members ? role : null,
            ActiveRoles = Enumerable.Range(0, (int)roles).Select(Role).Where(one => one < members).ToHashSet(),
            Events = U64(200),
            DataOffset = (long)data * SectorBytes,
            DataLength = (long)length * SectorBytes,
            UsedLength = (long)Math.Min(used, length) * SectorBytes,
            IsRebuilding = (features & (RecoveryOffset | RecoveryBitmap)) != 0 || ((features & BadBlocks) != 0 && HasBadBlocks(member, startSector)),
            Obstacle =
                (features & (Reshape | NewOffset)) != 0 ? "its shape is being changed: let that end in the guest"
                : (features & Replacement) != 0 ? "a member of it is being replaced: let that end in the guest"
                : (features & Clustered) != 0 ? "it belongs to a cluster"
                : (features & ~Known) != 0 ? $"it has features that are not known ({features & ~Known:x})"
                : null,
        };

        uint U32(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(offset));
        ulong U64(int offset) => BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(offset));
        int Role(int place) => BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(HeadBytes + (place * 2)));

        bool HasBadBlocks(IDiskReader disk, long superblockSector)
        {
            // Entries of 64 bits, unused ones all ones; a size of 0 says that there is no list.
            var size = Math.Min(BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(186)) * SectorBytes, 64 * 1024);
            var list = new byte[size];
            var at = (superblockSector + (int)U32(188)) * SectorBytes;
            return size > 0 && (at < 0 || disk.ReadAt(list, at) < size || BinaryPrimitives.ReadUInt64LittleEndian(list) != ulong.MaxValue);
        }
    }
}
