namespace Hyper2Kvm.Supervisor.Host;

/// <summary>What one check of the host found.</summary>
/// <param name="What">What was looked for.</param>
/// <param name="Passed">Whether it is there.</param>
/// <param name="Needed">Whether conversions fail without it; otherwise something is slower or one input or output does not work.</param>
/// <param name="Says">What was found, or what its absence means.</param>
/// <param name="Package">Debian package that brings it.</param>
internal sealed record HostFinding(string What, bool Passed, bool Needed, string Says, string? Package = null);
