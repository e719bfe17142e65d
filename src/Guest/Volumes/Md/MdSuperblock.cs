namespace Hyper2Kvm.Guest.Volumes.Md;

/// <summary>What a member of an array says of it, whatever the version of its superblock. Sizes in bytes.</summary>
internal sealed record MdSuperblock
{
    /// <summary>Level of an array that has its members one after another (md(4), LINEAR).</summary>
    public const int LinearLevel = -1;

    /// <summary>Version, <c>1.2</c>.</summary>
    public required string Version { get; init; }

    /// <summary>Identifier of the array.</summary>
    public required Guid ArrayId { get; init; }

    /// <summary>Its name, <c>host:name</c>; empty for version 0.90.</summary>
    public required string Name { get; init; }

    /// <summary>Number of its device, where the superblock has one (version 0.90).</summary>
    public int? Minor { get; init; }

    /// <summary>Level: 0, 1, 4, 5, 6, 10, or <see cref="LinearLevel"/>.</summary>
    public required int Level { get; init; }

    /// <summary>Layout: of RAID 0 with members of different size, which of the two orders there are.</summary>
    public required uint Layout { get; init; }

    /// <summary>Bytes of a chunk; 0 where the level has none.</summary>
    public required long ChunkBytes { get; init; }

    /// <summary>Number of members.</summary>
    public required int Members { get; init; }

    /// <summary>Place of this member, from 0; <see langword="null"/> for a spare or a failed one.</summary>
    public required int? Role { get; init; }

    /// <summary>The places whose members are at work, as this superblock has it.</summary>
    public required IReadOnlySet<int> ActiveRoles { get; init; }

    /// <summary>Counts the changes of the array: a member with fewer is stale.</summary>
    public required ulong Events { get; init; }

    /// <summary>Where the data begins in the member.</summary>
    public required long DataOffset { get; init; }

    /// <summary>Bytes of data that this member can hold.</summary>
    public required long DataLength { get; init; }

    /// <summary>Bytes of each member that the array uses (levels with redundancy).</summary>
    public required long UsedLength { get; init; }

    /// <summary>Whether this member is being rebuilt, or has blocks that are known to be bad: it is written and not read.</summary>
    public bool IsRebuilding { get; init; }

    /// <summary>Why the array cannot be mapped though its level could; <see langword="null"/> where nothing stands in the way.</summary>
    public string? Obstacle { get; init; }
}
