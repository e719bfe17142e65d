namespace Hyper2Kvm.Nbd;

/// <summary>
/// The server refused or failed one request, or one option of the handshake. The connection stays usable
/// after a failed request.
/// </summary>
public sealed class NbdServerException : NbdException
{
    internal NbdServerException(string message, int errno)
        : base(message) => Errno = errno;

    /// <summary>The error value of proto.md, "Error values" (equal to Linux's errno), or 0 for a refused option.</summary>
    public int Errno { get; }

    /// <summary>The disk behind the server is full: ENOSPC.</summary>
    public bool IsNoSpace => Errno == NbdErrno.NoSpace;
}
