namespace Hyper2Kvm.Copy;

/// <summary>A piece of work for one worker: neighbouring extents of one disk.</summary>
/// <param name="Extents">In order.</param>
internal sealed record CopyRange(IReadOnlyList<SourceExtent> Extents);
