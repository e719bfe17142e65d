namespace Hyper2Kvm.Copy;

/// <summary>A target that exists has fewer bytes than the source.</summary>
internal sealed class TargetTooSmallException(string name, ulong target, ulong source)
    : Exception($"{name}: it has {target} bytes, the source has {source}");
