namespace Hyper2Kvm.Daemon.Control;

/// <summary>A request that is refused.</summary>
/// <param name="error">What kind of refusal.</param>
/// <param name="message">What happened, naming the field, command or job; <see cref="ControlError.Meaning"/> where it is not given.</param>
/// <param name="inner">The cause.</param>
internal sealed class ControlException(ControlError error, string? message = null, Exception? inner = null) : Exception(message ?? error.Meaning, inner)
{
    /// <summary>What kind of refusal.</summary>
    public ControlError Error => error;
}
