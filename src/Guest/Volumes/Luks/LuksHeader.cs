using System.Buffers.Binary;
using Hyper2Kvm.Guest.Attach;

namespace Hyper2Kvm.Guest.Volumes.Luks;

/// <summary>Reads the header of a LUKS container, whichever version it is.</summary>
internal static class LuksHeader
{
    private const int VersionOffset = 6;

    /// <summary>Reads it.</summary>
    /// <param name="volume">The container.</param>
    /// <exception cref="VolumeProblem">It is damaged, or has what is not supported.</exception>
    public static LuksContainer Read(IDiskReader volume)
    {
        var start = new byte[Luks1Header.Bytes];
        _ = volume.ReadAt(start, 0);
        var version = IsMagic(start) ? BinaryPrimitives.ReadUInt16BigEndian(start.AsSpan(VersionOffset)) : 2;
        return version switch
        {
            1 => Luks1Header.Parse(start, volume.Length),
            2 => Luks2Header.Read(volume),
            _ => throw new VolumeProblem($"it is LUKS of version {version}, which is not known"),
        };
    }

    /// <summary>Whether a header of either version begins here.</summary>
    /// <param name="bytes">Its first bytes.</param>
    public static bool IsMagic(ReadOnlySpan<byte> bytes) => bytes[..6].SequenceEqual((ReadOnlySpan<byte>)[(byte)'L', (byte)'U', (byte)'K', (byte)'S', 0xBA, 0xBE]);
}
