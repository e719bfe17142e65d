using Hyper2Kvm.Nbd;

namespace Hyper2Kvm.Copy;

/// <summary>A read that is answered: data in a buffer that goes back to the lane's pool, or the error.</summary>
internal readonly record struct SourceData(ulong Offset, uint Length, NbdBuffer? Buffer, Exception? Error);
