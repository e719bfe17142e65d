using System.Buffers.Binary;

namespace Hyper2Kvm.Helpers.Input.Tests.Support;

/// <summary>Makes a VHDX header right again after it was changed.</summary>
public static class Vhdx
{
    /// <summary>Writes the CRC-32C (Castagnoli, reflected polynomial 0x82f63b78), bit by bit: another way than the code under test.</summary>
    public static void Seal(string path, long header)
    {
        using var stream = new FileStream(path, FileMode.Open);
        var bytes = new byte[4096];
        stream.Position = header;
        stream.ReadExactly(bytes);
        bytes.AsSpan(4, 4).Clear();
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x82f63b78 : crc >> 1;
            }
        }

        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), ~crc);
        stream.Position = header;
        stream.Write(bytes);
    }
}
