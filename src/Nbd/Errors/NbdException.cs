namespace Hyper2Kvm.Nbd;

/// <summary>What every failure of the NBD client derives from. The message names the endpoint.</summary>
public abstract class NbdException : Exception
{
    private protected NbdException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
