namespace Hyper2Kvm.Guest.Partitions;

/// <summary>One entry of a partition table.</summary>
public sealed record Partition
{
    /// <summary>Number, from 1, as the kernel counts: logical ones of MBR from 5.</summary>
    public required int Number { get; init; }

    /// <summary>Start on the disk, bytes.</summary>
    public required long Offset { get; init; }

    /// <summary>Length, bytes; never past the end of the disk.</summary>
    public required long Length { get; init; }

    /// <summary>GPT type GUID in lower case, or MBR type as two hex digits (<c>83</c>).</summary>
    public required string Type { get; init; }

    /// <summary>PARTUUID as udev has it; <see langword="null"/> for MBR without a disk signature.</summary>
    public string? Uuid { get; init; }

    /// <summary>GPT name; <see langword="null"/> where it is empty.</summary>
    public string? Label { get; init; }

    /// <summary>MBR's active flag, or GPT's "legacy BIOS bootable" attribute.</summary>
    public bool Bootable { get; init; }
}
