using System.Buffers.Binary;
using System.Text;

namespace Hyper2Kvm.Helpers.Convert.Linux.Initramfs;

/// <summary>A unified kernel image: kernel, initramfs and arguments as sections of one EFI program (UAPI.5 Unified Kernel Image; PE Format, Microsoft).</summary>
internal sealed class UnifiedImage
{
    private const int PointerOffset = 0x3C;
    private const int FileHeaderLength = 24;
    private const int SectionLength = 40;
    private const int SecurityDirectory = 4;
    private const ushort Pe32Plus = 0x20B;
    private const int MostSections = 96;

    private readonly byte[] _bytes;
    private readonly int _optional;
    private readonly int _sections;
    private readonly int _count;

    private UnifiedImage(byte[] bytes, int optional, int sections, int count)
    {
        _bytes = bytes;
        _optional = optional;
        _sections = sections;
        _count = count;
    }

    /// <summary>Whether a signature is attached: one changed byte makes it void.</summary>
    public bool IsSigned
    {
        get
        {
            var directories = _optional + (U16(_optional) == Pe32Plus ? 112 : 96);
            return U32(directories - 4) > SecurityDirectory && U32(directories + (SecurityDirectory * 8) + 4) != 0;
        }
    }

    /// <summary>Release of the kernel (<c>.uname</c>); <see langword="null"/> where it is not told.</summary>
    public string? Release => Text(".uname");

    /// <summary>Kernel arguments; <see langword="null"/> where it has none of its own.</summary>
    public string? Arguments => Text(".cmdline");

    /// <summary>The initramfs; <see langword="null"/> where it has none.</summary>
    public ReadOnlyMemory<byte>? Initramfs => Content(".initrd");

    /// <summary>Whether a file's name says that it is an EFI program.</summary>
    /// <param name="path">The file.</param>
    public static bool IsNamedAs(string path) => path.EndsWith(".efi", StringComparison.OrdinalIgnoreCase);

    /// <summary>Reads one; <see langword="null"/> for anything but an EFI program that holds a kernel.</summary>
    /// <param name="bytes">The file.</param>
    public static UnifiedImage? Read(byte[] bytes)
    {
        if (bytes.Length < PointerOffset + 4 || !bytes.AsSpan().StartsWith("MZ"u8))
            return null;
        var header = BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(PointerOffset));
        if (header < 0 || header > bytes.Length - FileHeaderLength - 240 || !bytes.AsSpan(header).StartsWith("PE\0\0"u8))
            return null;
        var optional = header + FileHeaderLength;
        var count = BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(header + 6));
        var sections = optional + BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(header + 20));
        if (count > MostSections || sections > bytes.Length - (count * SectionLength))
            return null;
        var image = new UnifiedImage(bytes, optional, sections, count);
        return image.Content(".linux") is null ? null : image;
    }

    /// <summary>The image with another content of a section. It is put behind all others; the old one stays where it was, unused, since sections cannot grow.</summary>
    /// <param name="name">The section, <c>.initrd</c>; it must be there.</param>
    /// <param name="content">Its content.</param>
    public UnifiedImage With(string name, ReadOnlySpan<byte> content)
    {
        var (sectionAlignment, fileAlignment) = (U32(_optional + 32), Math.Max(U32(_optional + 36), 512));
        var start = Align((uint)_bytes.Length, fileAlignment);
        var address = Align(U32(_optional + 56), sectionAlignment);
        var bytes = new byte[start + Align((uint)content.Length, fileAlignment)];
        _bytes.CopyTo(bytes, 0);
        content.CopyTo(bytes.AsSpan((int)start));
        var section = bytes.AsSpan(Find(name));
        BinaryPrimitives.WriteUInt32LittleEndian(section[8..], (uint)content.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(section[12..], address);
        BinaryPrimitives.WriteUInt32LittleEndian(section[16..], (uint)bytes.Length - start);
        BinaryPrimitives.WriteUInt32LittleEndian(section[20..], start);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(_optional + 56), address + Align((uint)content.Length, sectionAlignment));

        // The checksum, which firmware does not look at: 0 is "none".
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(_optional + 64), 0);
        return new UnifiedImage(bytes, _optional, _sections, _count);
    }

    /// <summary>All of the file.</summary>
    public byte[] ToArray() => _bytes;

    private static uint Align(uint value, uint alignment) => alignment == 0 ? value : (value + alignment - 1) / alignment * alignment;

    private string? Text(string name) => Content(name) is { } content ? Encoding.UTF8.GetString(content.Span).Trim('\0', '\n', ' ') : null;

    private ReadOnlyMemory<byte>? Content(string name)
    {
        var section = Find(name);
        if (section < 0)
            return null;
        var (length, start) = (Math.Min(U32(section + 8), U32(section + 16)), U32(section + 20));
        return start <= _bytes.Length && length <= _bytes.Length - start ? _bytes.AsMemory((int)start, (int)length) : null;
    }

    private int Find(string name)
    {
        for (var i = 0; i < _count; i++)
        {
            var at = _sections + (i * SectionLength);
            if (Encoding.ASCII.GetString(_bytes, at, 8).TrimEnd('\0') == name)
                return at;
        }

        return -1;
    }

    private ushort U16(int at) => BinaryPrimitives.ReadUInt16LittleEndian(_bytes.AsSpan(at));

    private uint U32(int at) => BinaryPrimitives.ReadUInt32LittleEndian(_bytes.AsSpan(at));
}
