namespace Hyper2Kvm.Helpers.Convert.Linux.Initramfs;

/// <summary>How an initramfs is compressed.</summary>
internal enum ArchiveCompression
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>gzip (RFC 1952).</summary>
    Gzip,

    /// <summary>zstd (RFC 8878).</summary>
    Zstd,

    /// <summary>xz.</summary>
    Xz,

    /// <summary>lz4 in its legacy frame, the only one that the kernel knows (lib/decompress_unlz4.c).</summary>
    Lz4,

    /// <summary>bzip2; since 2.6.30 (lib/decompress_bunzip2.c).</summary>
    Bzip2,

    /// <summary>lzma alone, before xz (lib/decompress_unlzma.c).</summary>
    Lzma,

    /// <summary>lzo in the frame of lzop (lib/decompress_unlzo.c).</summary>
    Lzo,
}
