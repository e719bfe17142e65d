namespace Hyper2Kvm.Nbd;

/// <summary>The connection could not be made, or ended: refused, reset, closed by the server.</summary>
/// <param name="message">What happened.</param>
/// <param name="inner">The socket's own error, where there is one.</param>
public sealed class NbdConnectionException(string message, Exception? inner = null) : NbdException(message, inner);
