using Hyper2Kvm.Guest.Files;

namespace Hyper2Kvm.Guest.Mounting.Ntfs;

/// <summary>In what state Windows left an NTFS volume.</summary>
/// <param name="Problem">Why it must not be written, for people; <see langword="null"/> for one that Windows let go of.</param>
internal sealed record NtfsState(string? Problem)
{
    private const string HibernationFile = "/hiberfil.sys";

    /// <summary>Bytes of the header page; ntfs-3g, too, takes a shorter file for that of a hibernated system on another volume.</summary>
    private const int HeaderBytes = 4096;

    private const string Remedy = "in the guest, run 'powercfg /h off' and shut it down fully (shutdown /s /t 0), then export it again";

    /// <summary>The remedy, with the volume's dirty flag for a cause.</summary>
    public static NtfsState LeftDirty { get; } = new($"the NTFS volume is dirty: Windows did not let go of it cleanly; {Remedy}, or have chkdsk check it");

    /// <summary>Judges a volume.</summary>
    /// <param name="dirty">Its dirty flag.</param>
    /// <param name="header">The first bytes of its hiberfil.sys; <see langword="null"/> where there is none.</param>
    /// <remarks>
    /// <c>hibr</c> (upper case since Windows 8): hibernated; a fast start hibernates the kernel alone and looks the same. <c>rstr</c>: a resume was cut off.
    /// <c>wake</c> stays in the file after a resume, also through a full shutdown later: the image is spent and no reason of its own; a Windows that
    /// was cut off after it leaves the dirty flag set.
    /// </remarks>
    public static NtfsState Of(bool dirty, ReadOnlySpan<byte> header)
        => IsHibernated(header) ? new NtfsState($"Windows is hibernated on the NTFS volume, or was shut down with fast start; {Remedy}")
            : dirty ? LeftDirty
            : new NtfsState((string?)null);

    /// <summary>The first bytes of hiberfil.sys below a directory where the volume is mounted.</summary>
    /// <param name="mounted">The directory, on the host.</param>
    public static byte[] ReadHeader(string mounted)
    {
        using var files = ConfinedFiles.Open(mounted);
        if (files.Status(HibernationFile)?.Kind != GuestFileKind.File)
        {
            return [];
        }

        using var stream = files.OpenRead(HibernationFile);
        var header = new byte[HeaderBytes];
        return header[..stream.ReadAtLeast(header, header.Length, throwOnEndOfStream: false)];
    }

    private static bool IsHibernated(ReadOnlySpan<byte> header)
        => header.Length is > 0 and < HeaderBytes
            || (header.Length >= 4 && (header[..4].SequenceEqual("hibr"u8) || header[..4].SequenceEqual("HIBR"u8) || header[..4].SequenceEqual("rstr"u8) || header[..4].SequenceEqual("RSTR"u8)));
}
