namespace Hyper2Kvm.Guest.Attach;

/// <summary>A disk's server could not be reached for a reason that may pass, and will be tried again.</summary>
/// <param name="Disk">Index of the guest's disk, from 0.</param>
/// <param name="Path">Its socket.</param>
/// <param name="Attempt">The try that comes, from 2.</param>
/// <param name="Attempts">Tries in all.</param>
/// <param name="Delay">Wait before it.</param>
/// <param name="Reason">Why the last one failed.</param>
public sealed record AttachRetry(int Disk, string Path, int Attempt, int Attempts, TimeSpan Delay, string Reason)
{
    /// <summary>All of it in a sentence for people.</summary>
    public string Message => $"disk {Disk} ({Path}) could not be attached: {Reason}; try {Attempt} of {Attempts} in {Delay.TotalSeconds:0.0} s";
}
