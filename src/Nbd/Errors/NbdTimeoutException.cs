namespace Hyper2Kvm.Nbd;

/// <summary>The server did not answer, or did not take our bytes, within <see cref="NbdConnectionOptions.Timeout"/>.</summary>
/// <param name="message">What was waited for, and how long.</param>
public sealed class NbdTimeoutException(string message) : NbdException(message);
