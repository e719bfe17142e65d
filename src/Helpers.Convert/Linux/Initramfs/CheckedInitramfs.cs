using System.Security.Cryptography;

namespace Hyper2Kvm.Helpers.Convert.Linux.Initramfs;

/// <summary>Which initramfs files were read to their ends and have all drivers, by their digest: one that reads back the same need not be unpacked again, which takes most of a second.</summary>
internal sealed class CheckedInitramfs
{
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    /// <summary>Remembers one.</summary>
    /// <param name="version">Release of its kernel.</param>
    /// <param name="file">All of the file.</param>
    public void Add(string version, ReadOnlySpan<byte> file) => _known.Add(Key(version, file));

    /// <summary>Whether it is one of them, byte for byte.</summary>
    /// <param name="version">Release of its kernel.</param>
    /// <param name="file">All of the file.</param>
    public bool Contains(string version, ReadOnlySpan<byte> file) => _known.Count > 0 && _known.Contains(Key(version, file));

    private static string Key(string version, ReadOnlySpan<byte> file) => $"{version} {System.Convert.ToHexString(SHA256.HashData(file))}";
}
