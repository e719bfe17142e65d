namespace Hyper2Kvm.Guest.Volumes;

/// <summary>A volume that cannot be mapped; the message says why and what helps, and becomes <see cref="GuestVolume.Problem"/>.</summary>
/// <param name="reason">Why, for people.</param>
/// <param name="isNotGiven">Whether all that is missing is a disk that was not given.</param>
internal sealed class VolumeProblem(string reason, bool isNotGiven = false) : Exception(reason)
{
    /// <summary>Whether all that is missing is a disk that was not given.</summary>
    public bool IsNotGiven { get; } = isNotGiven;
}
