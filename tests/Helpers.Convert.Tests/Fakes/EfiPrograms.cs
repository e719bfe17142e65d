using System.Text;

namespace Hyper2Kvm.Helpers.Convert.Tests.Fakes;

/// <summary>EFI programs in small.</summary>
internal static class EfiPrograms
{
    private const int Header = 0x40;
    private const int Optional = Header + 24;
    private const int OptionalLength = 240;

    /// <summary>A unified kernel image with the given sections, signed or not.</summary>
    public static byte[] Unified(bool isSigned, params (string Name, byte[] Content)[] sections)
    {
        const int Alignment = 512;
        var program = new List<byte>(Loader(0x8664, length: 1024));
        var bytes = new byte[1024];
        program.CopyTo(bytes);
        Put(bytes, Header + 6, (ushort)sections.Length);
        Put(bytes, Header + 20, (ushort)OptionalLength);
        Put(bytes, Optional, (ushort)0x20B);
        Put(bytes, Optional + 32, 4096u);
        Put(bytes, Optional + 36, (uint)Alignment);
        Put(bytes, Optional + 108, 16u);
        Put(bytes, Optional + 112 + (4 * 8) + 4, isSigned ? 8u : 0u);
        var data = new List<byte>();
        var address = 4096u;
        for (var i = 0; i < sections.Length; i++)
        {
            var (name, content) = sections[i];
            var at = Optional + OptionalLength + (i * 40);
            Encoding.ASCII.GetBytes(name).CopyTo(bytes, at);
            Put(bytes, at + 8, (uint)content.Length);
            Put(bytes, at + 12, address);
            var padded = (content.Length + Alignment - 1) / Alignment * Alignment;
            Put(bytes, at + 16, (uint)padded);
            Put(bytes, at + 20, (uint)(bytes.Length + data.Count));
            data.AddRange(content);
            data.AddRange(new byte[padded - content.Length]);
            address += (uint)((content.Length + 4095) / 4096 * 4096);
        }

        Put(bytes, Optional + 56, address);
        return [.. bytes, .. data];
    }

    /// <summary>A program of a machine type, with a mark at its end.</summary>
    public static byte[] Loader(int machine, byte mark = 0, int length = 128)
    {
        var program = new byte[length];
        "MZ"u8.CopyTo(program);
        program[0x3C] = Header;
        "PE\0\0"u8.CopyTo(program.AsSpan(Header));
        Put(program, Header + 4, (ushort)machine);
        program[^1] = mark;
        return program;
    }

    private static void Put(byte[] bytes, int at, ushort value) => BitConverter.TryWriteBytes(bytes.AsSpan(at), value);

    private static void Put(byte[] bytes, int at, uint value) => BitConverter.TryWriteBytes(bytes.AsSpan(at), value);
}
