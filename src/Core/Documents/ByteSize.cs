using System.Globalization;

namespace Hyper2Kvm.Core.Documents;

/// <summary>Sizes as people write them, the way qemu-img and nbdcopy take them: <c>65536</c>, <c>64k</c>, <c>1M</c>, <c>2G</c>.</summary>
public static class ByteSize
{
    private const string Units = "kmgtpe";
    private const int BitsOfUnit = 10;

    /// <summary>Reads a whole number of bytes, with a binary suffix or none; upper and lower case are the same.</summary>
    /// <param name="text">The text.</param>
    /// <param name="bytes">Bytes, not negative; 0 where it is none.</param>
    /// <returns>Whether it is a size that a <see cref="long"/> holds.</returns>
    public static bool TryParse(string text, out long bytes)
    {
        var unit = text.Length == 0 ? -1 : Units.IndexOf(char.ToLowerInvariant(text[^1]), StringComparison.Ordinal);
        var shift = (unit + 1) * BitsOfUnit;
        var valid = long.TryParse(unit < 0 ? text : text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= long.MaxValue >> shift;
        bytes = valid ? number << shift : 0;
        return valid;
    }

    /// <summary>A size as it is shown: <c>1.5 GiB</c>, with one digit behind the point; whole bytes below a KiB.</summary>
    /// <param name="bytes">Bytes, not negative.</param>
    public static string Format(double bytes)
    {
        var unit = 0;
        for (; bytes >= 1 << BitsOfUnit && unit < Units.Length; unit++)
        {
            bytes /= 1 << BitsOfUnit;
        }

        return unit == 0
            ? string.Create(CultureInfo.InvariantCulture, $"{bytes:0} B")
            : string.Create(CultureInfo.InvariantCulture, $"{bytes:0.0} {char.ToUpperInvariant(Units[unit - 1])}iB");
    }
}
