namespace Hyper2Kvm.Copy;

/// <summary>What one disk's copy moved, in bytes.</summary>
/// <param name="Size">The size of the disk.</param>
/// <param name="Read">Read from the source.</param>
/// <param name="Written">Written to the target as data.</param>
/// <param name="Retries">Requests that were sent again.</param>
internal sealed record CopyResult(ulong Size, ulong Read, ulong Written, int Retries);
