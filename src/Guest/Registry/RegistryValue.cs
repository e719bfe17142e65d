using System.Buffers.Binary;
using System.Text;

namespace Hyper2Kvm.Guest.Registry;

/// <summary>One value of a registry key.</summary>
/// <param name="Name">Its name; empty for the key's default value.</param>
/// <param name="Type">What it holds.</param>
/// <param name="Data">Its bytes, as the hive has them.</param>
public sealed record RegistryValue(string Name, RegistryType Type, byte[] Data)
{
    /// <summary>Makes a text (REG_SZ).</summary>
    /// <param name="name">Its name; empty for the default value.</param>
    /// <param name="text">The text.</param>
    public static RegistryValue OfText(string name, string text) => new(name, RegistryType.Text, Terminated(text));

    /// <summary>Makes a text with <c>%VARIABLES%</c> (REG_EXPAND_SZ).</summary>
    /// <param name="name">Its name; empty for the default value.</param>
    /// <param name="text">The text.</param>
    public static RegistryValue OfExpandText(string name, string text) => new(name, RegistryType.ExpandText, Terminated(text));

    /// <summary>Makes texts (REG_MULTI_SZ).</summary>
    /// <param name="name">Its name; empty for the default value.</param>
    /// <param name="texts">The texts; none of them empty, which would end them.</param>
    public static RegistryValue OfTexts(string name, params IEnumerable<string> texts)
        => new(name, RegistryType.Texts, Terminated(string.Concat(texts.Select(text => text + '\0'))));

    /// <summary>Makes a number of 32 bits (REG_DWORD).</summary>
    /// <param name="name">Its name; empty for the default value.</param>
    /// <param name="number">The number.</param>
    public static RegistryValue OfDWord(string name, uint number)
    {
        var data = new byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(data, number);
        return new RegistryValue(name, RegistryType.DWord, data);
    }

    /// <summary>Makes bytes (REG_BINARY).</summary>
    /// <param name="name">Its name; empty for the default value.</param>
    /// <param name="bytes">The bytes.</param>
    public static RegistryValue OfBinary(string name, params byte[] bytes) => new(name, RegistryType.Binary, bytes);

    /// <summary>The text, up to its first zero; <see langword="null"/> where it is none. Windows ends texts with a zero, and does not ask for one.</summary>
    public string? Text => Type is RegistryType.Text or RegistryType.ExpandText or RegistryType.Link ? Decoded().Split('\0', 2)[0] : null;

    /// <summary>The texts of a REG_MULTI_SZ, up to the first empty one; <see langword="null"/> where it is none.</summary>
    public IReadOnlyList<string>? Texts => Type == RegistryType.Texts ? [.. Decoded().Split('\0').TakeWhile(text => text.Length > 0)] : null;

    /// <summary>The number; <see langword="null"/> where it is none, or cut short.</summary>
    public ulong? Number => (Type, Data.Length) switch
    {
        (RegistryType.DWord, >= sizeof(uint)) => BinaryPrimitives.ReadUInt32LittleEndian(Data),
        (RegistryType.DWordBigEndian, >= sizeof(uint)) => BinaryPrimitives.ReadUInt32BigEndian(Data),
        (RegistryType.QWord, >= sizeof(ulong)) => BinaryPrimitives.ReadUInt64LittleEndian(Data),
        _ => null,
    };

    private static byte[] Terminated(string text) => Encoding.Unicode.GetBytes(text + '\0');

    private string Decoded() => Encoding.Unicode.GetString(Data, 0, Data.Length & ~1);
}
