namespace Hyper2Kvm.Copy;

/// <summary>
/// A server was started anew. nbdkit's cow overlay ends with its process, so what a source serves now may be the disk before its
/// conversion: half of one and half of the other would be copied. A target may have lost what it was given and had not stored.
/// </summary>
internal sealed class ServerRestartedException(string message) : Exception(message);
