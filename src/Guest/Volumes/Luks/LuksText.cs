using System.Text;

namespace Hyper2Kvm.Guest.Volumes.Luks;

/// <summary>Texts of a header, which are the guest's: never trusted to be short or printable.</summary>
internal static class LuksText
{
    private const int Longest = 40;

    /// <summary>A text field: up to the first NUL.</summary>
    /// <param name="field">The bytes.</param>
    public static string Of(ReadOnlySpan<byte> field)
        => Encoding.ASCII.GetString(field.IndexOf((byte)0) is >= 0 and var end ? field[..end] : field);

    /// <summary>A text for a message: cut, and without what a terminal would act on.</summary>
    /// <param name="text">The text.</param>
    public static string Quote(string text)
        => string.Concat(text.Take(Longest).Select(letter => letter is > ' ' and < '\x7F' ? letter : '?'));

    /// <summary>The UUID of a header where it is one; empty for anything else.</summary>
    /// <param name="text">The field.</param>
    public static string Uuid(string text) => Guid.TryParseExact(text, "D", out var uuid) ? uuid.ToString() : string.Empty;
}
