namespace Hyper2Kvm.Helpers.Convert.Linux.Initramfs;

/// <summary>An archive is not what an initramfs may be: damaged, hostile, or of a kind that we do not know.</summary>
/// <param name="message">What is wrong with it.</param>
internal sealed class InitramfsFormatException(string message) : Exception(message);
