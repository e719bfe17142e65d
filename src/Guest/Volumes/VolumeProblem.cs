namespace Hyper2Kvm.Guest.Volumes;

/// <summary>A volume that cannot be mapped; the message says why and what helps, and becomes <see cref="GuestVolume.Problem"/>.</summary>
/// <param name="reason">Why, for people.</param>
internal sealed class VolumeProblem(string reason) : Exception(reason);
