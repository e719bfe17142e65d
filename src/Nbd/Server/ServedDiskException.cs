namespace Hyper2Kvm.Nbd.Server;

/// <summary>A range of a served disk cannot be read: the client is told, and goes on.</summary>
/// <param name="errno">What the client gets: a value of <see cref="NbdErrno"/>.</param>
/// <param name="message">What is wrong, where; the client and the log get it.</param>
/// <param name="inner">What caused it.</param>
public sealed class ServedDiskException(int errno, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What the client gets: a value of <see cref="NbdErrno"/>.</summary>
    public int Errno { get; } = errno;
}
