using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;

namespace Hyper2Kvm.Helpers.Input.Images;

/// <summary>One disk as its headers describe it, checked; what a server needs to know to serve it.</summary>
internal sealed record DiskImage
{
    /// <summary>Largest disk that is believed: that of VHDX and VMDK, bytes.</summary>
    public const long LargestBytes = 64L << 40;

    /// <summary>Bytes of a sector, in all of these formats.</summary>
    public const int Sector = 512;

    /// <summary>Absolute path as the caller named it.</summary>
    public required string Path { get; init; }

    /// <summary>QEMU's name of the format.</summary>
    public required string Format { get; init; }

    /// <summary>Size that the guest sees, bytes.</summary>
    public required long VirtualBytes { get; init; }

    /// <summary>How QEMU opens it, with its whole chain: QEMU never has to guess a format or follow a name.</summary>
    public required QemuNode Node { get; init; }

    /// <summary>All files that it is made of, real paths.</summary>
    public required IReadOnlyList<string> Files { get; init; }

    /// <summary>Its bytes, where they stand as they are in one plain file: then no QEMU is needed.</summary>
    public PlainFile? Plain { get; init; }

    /// <summary>Real path, where it is one stream-optimised VMDK, which we can inflate ourselves; <see langword="null"/> where QEMU has to read it.</summary>
    public string? Stream { get; init; }

    /// <summary>Why it cannot be written in place; <see langword="null"/> where it can.</summary>
    public string? NotInPlace { get; init; }

    /// <summary>Bus at the source, where the image says.</summary>
    public DiskBus Bus { get; init; }

    /// <summary>Hypervisor whose format it is.</summary>
    public string? Hypervisor { get; init; }

    /// <summary>Checks a size that a header claims.</summary>
    /// <param name="path">The file, for the message.</param>
    /// <param name="bytes">The size.</param>
    /// <returns>The size, rounded up to whole sectors.</returns>
    /// <exception cref="StepException">It is not plausible (<see cref="ErrorCodes.InputCorrupt"/>).</exception>
    public static long CheckSize(string path, ulong bytes)
        => bytes is > 0 and <= LargestBytes
            ? ((long)bytes + Sector - 1) / Sector * Sector
            : throw new StepException(ErrorCodes.InputCorrupt, $"{path}: its header claims a disk of {bytes} bytes; 1 byte to 64 TiB make sense");
}
