namespace Hyper2Kvm.Copy;

/// <summary>A range of the source that reads as zeroes, or may hold data.</summary>
internal readonly record struct SourceExtent(ulong Offset, ulong Length, bool IsZero)
{
    internal ulong End => Offset + Length;
}
