using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;

namespace Hyper2Kvm.Guest.Volumes.Md;

/// <summary>Names that mdadm and udev give an array (mdadm(8), "DEVICE NAMES"; mdadm, udev-md-raid-arrays.rules).</summary>
internal static class MdNames
{
    /// <summary>What an array without a number gets first; the next one 126 and so on.</summary>
    private const string FirstFree = "/dev/md127";

    private static readonly SearchValues<char> InNames = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+_.:-");

    /// <summary>The number that an array's name or superblock gives its device; <see langword="null"/> where it is left to the guest's kernel.</summary>
    public static int? NumberOf(MdSuperblock array)
        => array.Minor ?? (int.TryParse(Bare(array.Name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < 1 << 20 ? number : null);

    /// <summary>All names, the usual one first.</summary>
    /// <param name="array">The array.</param>
    /// <param name="isOnly">Whether it is the only one without a number: which number several get is chance.</param>
    public static IReadOnlyList<string> Of(MdSuperblock array, bool isOnly)
    {
        Span<byte> id = stackalloc byte[16];
        _ = array.ArrayId.TryWriteBytes(id, bigEndian: true, out _);
        var uuid = $"{Word(id, 0)}:{Word(id, 1)}:{Word(id, 2)}:{Word(id, 3)}";
        var names = new List<string>();
        if (NumberOf(array) is { } number)
        {
            names.Add(string.Create(CultureInfo.InvariantCulture, $"/dev/md{number}"));
            names.Add(string.Create(CultureInfo.InvariantCulture, $"/dev/md/{number}"));
        }

        if (array.Name.Length > 0 && !array.Name.AsSpan().ContainsAnyExcept(InNames) && Bare(array.Name) is not ("" or "." or ".."))
        {
            names.Add($"/dev/md/{Bare(array.Name)}");
            names.Add($"/dev/md/{array.Name}");
            names.Add($"/dev/disk/by-id/md-name-{array.Name}");
        }

        if (names.Count == 0 || (NumberOf(array) is null && isOnly))
        {
            names.Add(isOnly ? FirstFree : $"/dev/disk/by-id/md-uuid-{uuid}");
        }

        names.Add($"/dev/disk/by-id/md-uuid-{uuid}");
        return [.. names.Distinct()];
    }

    /// <summary>Name of a partition of an array: <c>md0p1</c>, <c>by-id/…-part1</c>.</summary>
    public static string PartitionName(string name, int number)
        => name.StartsWith("/dev/disk/", StringComparison.Ordinal) ? $"{name}-part{number}" : char.IsAsciiDigit(name[^1]) ? $"{name}p{number}" : $"{name}{number}";

    private static string Word(ReadOnlySpan<byte> id, int index) => BinaryPrimitives.ReadUInt32BigEndian(id[(index * 4)..]).ToString("x8", CultureInfo.InvariantCulture);

    /// <summary>The name without the host before it.</summary>
    private static string Bare(string name) => name[(name.IndexOf(':', StringComparison.Ordinal) + 1)..];
}
