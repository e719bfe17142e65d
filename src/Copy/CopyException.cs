using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Nbd;

namespace Hyper2Kvm.Copy;

/// <summary>Why a copy ended early. The message names disk, side and offset; the hint says what to do.</summary>
internal sealed class CopyException : Exception
{
    internal CopyException(CopyErrorKind kind, string disk, CopySide side, ulong? offset, string message, string hint, Exception? inner = null)
        : base($"disk {disk}: {(side == CopySide.Source ? "source" : "target")}{(offset is null ? "" : $" at offset {offset}")}: {message}", inner)
    {
        Kind = kind;
        Disk = disk;
        Side = side;
        Offset = offset;
        Hint = hint;
    }

    internal CopyErrorKind Kind { get; }

    internal string Disk { get; }

    internal CopySide Side { get; }

    /// <summary>Where, in bytes, if the failure has a place.</summary>
    internal ulong? Offset { get; }

    internal string Hint { get; }

    /// <summary>Names what an NBD server or a file did.</summary>
    internal static CopyException From(Exception error, string disk, CopySide side, ulong? offset)
    {
        var full = error is NbdServerException { IsNoSpace: true } or FileSystemErrorException { IsNoSpace: true };
        var leaving = error is NbdServerException { Errno: NbdErrno.Shutdown };
        var kind = error switch
        {
            _ when full && side == CopySide.Target => CopyErrorKind.TargetFull,
            _ when leaving => CopyErrorKind.Connection,
            NbdServerException or FileSystemErrorException => side == CopySide.Source ? CopyErrorKind.SourceRead : CopyErrorKind.TargetWrite,
            _ => CopyErrorKind.Connection,
        };
        var hint = (kind, error) switch
        {
            (CopyErrorKind.TargetFull, _) => "Free space on the target, or choose another, and run again.",
            (CopyErrorKind.SourceRead, _) when full => "Free space where the input server keeps its overlay (its TMPDIR, /var/tmp if that is not set), and run again.",
            (CopyErrorKind.SourceRead, FileSystemErrorException) => "Look into the kernel's log (dmesg) and at the health of the source's storage.",
            (CopyErrorKind.SourceRead, _) => "Look into the log of the input server: the source disk cannot be read there.",
            (CopyErrorKind.TargetWrite, FileSystemErrorException) => "Look into the kernel's log (dmesg) and at the health of the target's storage.",
            (CopyErrorKind.TargetWrite, _) => "Look into the log of the output server, or at the health of the target's storage.",
            (_, ServerRestartedException) when side == CopySide.Target => "Look into the log of the output server, which ended in between, and run again.",
            (_, ServerRestartedException) => "Run the conversion again: the overlay went with the old server.",
            _ => HintOfServer(error) ?? "Look into the log of the server: it ended or closed the connection.",
        };
        return new CopyException(kind, disk, side, offset, error.Message, hint, error);
    }

    /// <summary>The same failure with its exit code, for the one place that tells failures.</summary>
    /// <param name="disk">Index of the disk in the work directory, where there is one.</param>
    internal StepException ToStepException(int? disk = null) => new(Code, Message, Hint, this, disk);

    private ErrorCode Code => Kind switch
    {
        CopyErrorKind.SourceRead => ErrorCodes.CopyRead,
        CopyErrorKind.SourceOpen when InnerException is FileSystemErrorException => ErrorCodes.CopyRead, // No server is at fault.
        CopyErrorKind.SourceOpen or CopyErrorKind.Connection => ErrorCodes.CopyConnection,
        CopyErrorKind.TargetOpen or CopyErrorKind.TargetWrite or CopyErrorKind.TargetTooSmall => ErrorCodes.CopyWrite,
        CopyErrorKind.TargetFull => ErrorCodes.CopyNoSpace,
        CopyErrorKind.Verify => ErrorCodes.CopyVerify,
        _ => ErrorCodes.Copy,
    };

    /// <summary>What to do about a server that answers wrongly or not at all; null if that is not what happened.</summary>
    internal static string? HintOfServer(Exception error) => error switch
    {
        NbdTimeoutException => "The server is alive but silent: look into its log, at its storage and its network.",
        NbdProtocolException => "This is a fault of the NBD server: report it to its makers with this message.",
        _ => null,
    };
}
