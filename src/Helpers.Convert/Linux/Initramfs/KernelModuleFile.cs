using System.Buffers.Binary;

namespace Hyper2Kvm.Helpers.Convert.Linux.Initramfs;

/// <summary>A kernel module that is not compressed: an ELF object file (elf(5)).</summary>
internal static class KernelModuleFile
{
    private const int ShortestHeader = 52;
    private const int Header64 = 64;
    private const byte Class64 = 2;
    private const byte BigEndian = 2;

    /// <summary>Whether it is one, up to its section headers, which compilers put at the end: a file that was cut off lacks them.</summary>
    /// <param name="content">The file.</param>
    public static bool IsWhole(ReadOnlySpan<byte> content)
    {
        if (content.Length < ShortestHeader || !content.StartsWith("\x7f"u8) || !content[1..].StartsWith("ELF"u8))
            return false;
        var is64 = content[4] == Class64;
        if (content[5] == BigEndian)
            return true;
        if (is64 && content.Length < Header64)
            return false;
        var sections = is64 ? BinaryPrimitives.ReadUInt64LittleEndian(content[0x28..]) : BinaryPrimitives.ReadUInt32LittleEndian(content[0x20..]);
        var counts = is64 ? 0x3A : 0x2E;
        var length = (ulong)BinaryPrimitives.ReadUInt16LittleEndian(content[counts..]) * BinaryPrimitives.ReadUInt16LittleEndian(content[(counts + 2)..]);
        return sections <= (ulong)content.Length && length <= (ulong)content.Length - sections;
    }
}
