namespace Hyper2Kvm.Copy.Qcow2;

/// <summary>A piece of a write that lies in one piece in the file.</summary>
/// <param name="Offset">In the file, bytes.</param>
/// <param name="Length">Bytes.</param>
internal readonly record struct HostRun(ulong Offset, int Length);
