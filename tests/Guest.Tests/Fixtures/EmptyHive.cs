using System.Buffers.Binary;
using System.Text;

namespace Hyper2Kvm.Guest.Tests.Fixtures;

/// <summary>A hive with nothing but its root key: what hivex can fill, which makes none itself (Windows registry file format specification, M. Suhanov, "Base block" to "Key security").</summary>
internal static class EmptyHive
{
    private const int PageBytes = 4096;
    private const int RootOffset = 0x20;
    private const int RootBytes = 0x58;
    private const int SecurityBytes = 0x30;
    private const uint None = uint.MaxValue;

    public static byte[] Make()
    {
        var hive = new byte[2 * PageBytes];
        Put(hive, "regf", (4, 1), (8, 1), (20, 1), (24, 3), (32, 1), (36, RootOffset), (40, PageBytes), (44, 1));

        var bin = hive.AsSpan(PageBytes);
        Put(bin, "hbin", (8, PageBytes));

        var root = bin[RootOffset..];
        Put(root[4..], "nk", (28, None), (32, None), (40, None), (44, RootOffset + RootBytes), (48, None));
        BinaryPrimitives.WriteInt32LittleEndian(root, -RootBytes);
        root[6] = 0x2C; // the root, not to be removed, its name in Latin 1
        BinaryPrimitives.WriteUInt32LittleEndian(root[20..], None);
        root[76] = 1;
        root[80] = (byte)'$';

        var security = root[RootBytes..];
        Put(security[4..], "sk", (4, RootOffset + RootBytes), (8, RootOffset + RootBytes), (12, 1), (16, 20));
        BinaryPrimitives.WriteInt32LittleEndian(security, -SecurityBytes);
        security[24] = 1; // a security descriptor of revision 1 that holds nothing

        BinaryPrimitives.WriteInt32LittleEndian(security[SecurityBytes..], PageBytes - RootOffset - RootBytes - SecurityBytes);
        return Sealed(hive);
    }

    /// <summary>Makes the checksum of its header right.</summary>
    public static byte[] Sealed(byte[] hive)
    {
        var sum = 0u;
        for (var at = 0; at < 508; at += 4)
        {
            sum ^= BinaryPrimitives.ReadUInt32LittleEndian(hive.AsSpan(at));
        }

        BinaryPrimitives.WriteUInt32LittleEndian(hive.AsSpan(508), sum);
        return hive;
    }

    private static void Put(Span<byte> at, string signature, params (int Offset, uint Number)[] numbers)
    {
        Encoding.ASCII.GetBytes(signature, at);
        foreach (var (offset, number) in numbers)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(at[offset..], number);
        }
    }
}
