using System.Buffers.Binary;
using Hyper2Kvm.Guest.Attach;

namespace Hyper2Kvm.Guest.Volumes.Md;

/// <summary>The superblock of version 0.90: 4 KiB of 32-bit words in the last whole 64 KiB of the member (linux/raid/md_p.h, mdp_super_t). Little-endian ones only.</summary>
internal static class MdSuperblock0
{
    /// <summary>What its version is called.</summary>
    public const string Version = "0.90";

    private const int Bytes = 4096;
    private const long Reserved = 64 * 1024; // MD_RESERVED_BYTES
    private const uint Magic = 0xA92B4EFC;
    private const int MostMembers = 27; // MD_SB_DISKS
    private const int ChecksumWord = 38;
    private const int DescriptorsWord = 128;
    private const int DescriptorWords = 32;
    private const int ThisWord = 992;
    private const uint Active = 1 << 1; // MD_DISK_ACTIVE
    private const uint Sync = 1 << 2; // MD_DISK_SYNC
    private const uint Faulty = 1; // MD_DISK_FAULTY
    private const int KiB = 1024;

    /// <summary>Reads it.</summary>
    /// <param name="member">The member.</param>
    /// <param name="problem">What is wrong with it; left as it was where there is none.</param>
    public static MdSuperblock? Read(IDiskReader member, ref string? problem)
    {
        var start = (member.Length & ~(Reserved - 1)) - Reserved;
        var bytes = new byte[Bytes];
        if (start < 0 || member.ReadAt(bytes, start) < Bytes || Word(0) != Magic || Word(1) != 0)
        {
            return null;
        }

        if (MdChecksum.Of(bytes, ChecksumWord * 4) != Word(ChecksumWord))
        {
            problem = "its md superblock (0.90) has a wrong checksum";
            return null;
        }

        var members = Word(10);
        var (level, chunk) = ((int)Word(7), Word(65));
        if (members is 0 or > MostMembers || chunk > int.MaxValue || (level == 0 && chunk == 0))
        {
            problem = "its md superblock (0.90) has impossible numbers";
            return null;
        }

        var active = new HashSet<int>();
        for (var index = 0; index < MostMembers; index++)
        {
            var (state, role) = (Word(DescriptorsWord + (index * DescriptorWords) + 4), Word(DescriptorsWord + (index * DescriptorWords) + 3));
            if ((state & (Active | Sync | Faulty)) == (Active | Sync) && role < members)
            {
                active.Add((int)role);
            }
        }

        Span<byte> id = stackalloc byte[16];
        bytes.AsSpan(20, 4).CopyTo(id);
        bytes.AsSpan(52, 12).CopyTo(id[4..]);
        var (ownState, ownRole) = (Word(ThisWord + 4), Word(ThisWord + 3));
        return new MdSuperblock
        {
            Version = Version,
            ArrayId = new Guid(id, bigEndian: true),
            Name = string.Empty,
            Minor = Word(11) <= 1 << 20 ? (int)Word(11) : null,
            Level = level,
            Layout = Word(64),
            ChunkBytes = chunk,
            Members = (int)members,
            Role = (ownState & (Active | Faulty)) == Active && ownRole < members ? (int)ownRole : null,
            ActiveRoles = active,
            Events = Word(39) | ((ulong)Word(40) << 32),
            DataOffset = 0,
            DataLength = start,
            UsedLength = Math.Min((long)Word(8) * KiB, start),

            // Minor version 91 is an array whose shape is being changed (Linux, drivers/md/md.c, super_90_validate).
            Obstacle = Word(2) > 90 ? "its shape is being changed: let that end in the guest" : null,
        };

        uint Word(int index) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(index * 4));
    }
}
