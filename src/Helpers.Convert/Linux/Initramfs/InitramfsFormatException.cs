namespace Hyper2Kvm.Helpers.Convert.Linux.Initramfs;

/// <summary>An archive is not what an initramfs may be: damaged, hostile, or of a kind that we do not know.</summary>
/// <param name="message">What is wrong with it.</param>
/// <param name="hint">What to do, where that is not the usual.</param>
internal sealed class InitramfsFormatException(string message, string? hint = null) : Exception(message)
{
    /// <summary>What to do, where that is not the usual.</summary>
    public string? Hint { get; } = hint;
}
