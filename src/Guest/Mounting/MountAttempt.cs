namespace Hyper2Kvm.Guest.Mounting;

/// <summary>One way in which a file system was tried.</summary>
/// <param name="Way">Which way.</param>
/// <param name="Failure">Why it did not work, for people; <see langword="null"/> for the one that did.</param>
public sealed record MountAttempt(MountWay Way, string? Failure);
