using System.Text;

namespace Hyper2Kvm.Guest.Probing;

/// <summary>UUIDs and labels of superblocks as blkid writes them.</summary>
internal static class SuperblockText
{
    /// <summary>16 bytes in the order they lie in, <c>8-4-4-4-12</c>; <see langword="null"/> for all zeros.</summary>
    public static string? Uuid(ReadOnlySpan<byte> bytes)
        => bytes[..16].IndexOfAnyExcept((byte)0) < 0 ? null : new Guid(bytes[..16], bigEndian: true).ToString();

    /// <summary>Text up to the first NUL, without blanks at its end; <see langword="null"/> where that is empty.</summary>
    public static string? Label(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOf((byte)0);
        var text = Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]).TrimEnd();
        return text.Length == 0 ? null : text;
    }
}
