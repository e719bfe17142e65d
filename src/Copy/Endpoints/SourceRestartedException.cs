namespace Hyper2Kvm.Copy;

/// <summary>
/// The source's server was started anew. nbdkit's cow overlay ends with its process, so what is served now may be the
/// disk before its conversion: half of one and half of the other would be copied.
/// </summary>
internal sealed class SourceRestartedException(string message) : Exception(message);
