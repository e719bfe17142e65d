using System.Text;

namespace Hyper2Kvm.Helpers.Convert.Linux.Initramfs;

/// <summary>One entry of a cpio archive of the format newc (Documentation/driver-api/early-userspace/buffer-format.rst).</summary>
/// <param name="Raw">The entry as it stands in the archive: header, name, data, with the padding of both.</param>
/// <param name="RawName">Name as the archive has it.</param>
/// <param name="Mode">Type and permission bits, as <c>st_mode</c>.</param>
/// <param name="Inode">Inode number; with the device it tells which entries are hard links of one file.</param>
/// <param name="Links">Number of hard links.</param>
/// <param name="ModifiedSeconds">Time of the last change, seconds of the epoch.</param>
/// <param name="Data">Content of a file, target of a symbolic link.</param>
internal sealed record CpioEntry(
    ReadOnlyMemory<byte> Raw, string RawName, uint Mode, uint Inode, uint Links, uint ModifiedSeconds, ReadOnlyMemory<byte> Data)
{
    /// <summary>Name of the entry that ends an archive.</summary>
    public const string TrailerName = "TRAILER!!!";

    private const uint TypeMask = 0xF000;

    /// <summary>Path without <c>./</c> in front; <c>.</c> for the root itself.</summary>
    public string Path { get; } = RawName.StartsWith("./", StringComparison.Ordinal) && RawName.Length > 2 ? RawName[2..] : RawName;

    /// <summary>Whether it ends an archive.</summary>
    public bool IsTrailer => RawName == TrailerName;

    /// <summary>Whether it is a regular file.</summary>
    public bool IsFile => (Mode & TypeMask) == 0x8000;

    /// <summary>Whether it is a directory.</summary>
    public bool IsDirectory => (Mode & TypeMask) == 0x4000;

    /// <summary>Whether it is a symbolic link.</summary>
    public bool IsLink => (Mode & TypeMask) == 0xA000;

    /// <summary>Target of a symbolic link.</summary>
    public string LinkTarget => Encoding.UTF8.GetString(Data.Span);
}
