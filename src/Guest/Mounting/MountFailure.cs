namespace Hyper2Kvm.Guest.Mounting;

/// <summary>A file system could not be mounted; whoever asked decides what that means.</summary>
/// <param name="reason">Why, for people.</param>
/// <param name="errno">The error number.</param>
internal sealed class MountFailure(string reason, int errno) : Exception(reason)
{
    /// <summary>The error number of the call that failed.</summary>
    public int Errno { get; } = errno;
}
