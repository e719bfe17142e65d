using System.Buffers.Binary;

namespace Hyper2Kvm.Guest.Inspection;

/// <summary>The first bytes of a program (System V ABI, chapter 4, "ELF Header").</summary>
internal static class ElfHeader
{
    /// <summary>Bytes that have to be read.</summary>
    public const int Bytes = 20;

    private const byte BigEndian = 2; // ELFDATA2MSB
    private const byte Class64 = 2; // ELFCLASS64

    /// <summary>Architecture as libvirt names it, or <see langword="null"/> for anything but a known program.</summary>
    /// <param name="head">The first <see cref="Bytes"/> of a file.</param>
    public static string? Architecture(ReadOnlySpan<byte> head)
    {
        if (head.Length < Bytes || !head[..4].SequenceEqual("\u007fELF"u8))
        {
            return null;
        }

        var big = head[5] == BigEndian;
        var machine = big ? BinaryPrimitives.ReadUInt16BigEndian(head[18..]) : BinaryPrimitives.ReadUInt16LittleEndian(head[18..]);
        return machine switch
        {
            3 => "i686",
            21 => big ? "ppc64" : "ppc64le",
            22 => "s390x",
            40 => "armv7l",
            62 => "x86_64",
            183 => "aarch64",
            243 when head[4] == Class64 => "riscv64",
            _ => null,
        };
    }
}
