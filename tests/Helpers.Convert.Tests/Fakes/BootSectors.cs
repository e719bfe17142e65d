using System.Buffers.Binary;
using Hyper2Kvm.Guest.Attach;

namespace Hyper2Kvm.Helpers.Convert.Tests.Fakes;

/// <summary>The beginning of a disk that a BIOS starts: grub's boot record and, in the sector that it names, the beginning of grub's core.</summary>
internal sealed class BootSectors : IDiskReader
{
    private const int SectorBytes = 512;

    private readonly byte[] _bytes = new byte[64 * SectorBytes];

    public BootSectors()
    {
        _bytes[0] = 0xEB;
        _bytes[0x64] = 0xFF;
        "GRUB \0Geom\0Hard Disk\0Read\0 Error"u8.CopyTo(_bytes.AsSpan(0x180));
        CoreSector = 1;
        _bytes[SectorBytes] = 0x52;
    }

    public long Length => _bytes.Length;

    /// <summary>Whether the boot record has code.</summary>
    public bool HasCode { get; set; } = true;

    /// <summary>Where the boot record looks for grub's core.</summary>
    public ulong CoreSector { set => BinaryPrimitives.WriteUInt64LittleEndian(_bytes.AsSpan(0x5C), value); }

    public int ReadAt(Span<byte> buffer, long offset)
    {
        var count = (int)Math.Clamp(Length - offset, 0, buffer.Length);
        _bytes.AsSpan((int)Math.Min(offset, Length), count).CopyTo(buffer);
        return count;
    }
}
