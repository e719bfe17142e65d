namespace Hyper2Kvm.Nbd;

/// <summary>The server said something that the protocol does not allow here. The connection is of no further use.</summary>
/// <param name="message">What was wrong, with the values that were seen.</param>
public sealed class NbdProtocolException(string message) : NbdException(message);
