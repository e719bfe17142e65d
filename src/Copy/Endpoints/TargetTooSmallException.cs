namespace Hyper2Kvm.Copy;

/// <summary>A target that exists has fewer bytes than the source.</summary>
internal sealed class TargetTooSmallException(ulong target, ulong source)
    : Exception($"it has {target} bytes, the source has {source}");
