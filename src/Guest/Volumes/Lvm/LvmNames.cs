using System.Buffers;

namespace Hyper2Kvm.Guest.Volumes.Lvm;

/// <summary>Names and identifiers of LVM2, and what udev makes of them.</summary>
internal static class LvmNames
{
    /// <summary>Most characters of a name (LVM2, lib/metadata/metadata-exported.h, NAME_LEN, less its end).</summary>
    private const int LongestName = 127;

    private const int IdLength = 32;

    private static readonly SearchValues<char> InNames = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+_.-");

    /// <summary>Characters of an identifier (LVM2, lib/uuid/uuid.c).</summary>
    private static readonly SearchValues<byte> InIds = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#"u8);

    /// <summary>Whether a group or volume can be called so (lvm(8), "VALID NAMES").</summary>
    public static bool IsName(string name)
        => name.Length is > 0 and <= LongestName && name is not ("." or "..") && name[0] != '-' && !name.AsSpan().ContainsAnyExcept(InNames);

    /// <summary>Whether these are the 32 characters of an identifier.</summary>
    public static bool IsId(ReadOnlySpan<byte> id) => id.Length == IdLength && !id.ContainsAnyExcept(InIds);

    /// <summary>An identifier without its dashes, as headers have it; <see langword="null"/> for what is none.</summary>
    /// <param name="text">As the description has it: groups of 6, 4, 4, 4, 4, 4 and 6.</param>
    public static string? BareId(string? text)
        => text?.Replace("-", string.Empty, StringComparison.Ordinal) is { Length: IdLength } bare ? bare : null;

    /// <summary>An identifier with its dashes, as pvs(8) shows it.</summary>
    public static string Dashed(string id) => $"{id[..6]}-{id[6..10]}-{id[10..14]}-{id[14..18]}-{id[18..22]}-{id[22..26]}-{id[26..]}";

    /// <summary>Name below /dev/mapper: dashes within the names are doubled (dmsetup(8), "Name mangling"; LVM2, libdm: dm_build_dm_name).</summary>
    public static string MapperName(string group, string volume) => $"{Doubled(group)}-{Doubled(volume)}";

    private static string Doubled(string name) => name.Replace("-", "--", StringComparison.Ordinal);
}
