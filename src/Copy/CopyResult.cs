namespace Hyper2Kvm.Copy;

/// <summary>What one disk's copy moved, in bytes.</summary>
/// <param name="Size">The size of the disk.</param>
/// <param name="Read">Read from the source.</param>
/// <param name="Written">Written to the target as data.</param>
/// <param name="Shared">Left to the file system, which shared its blocks or copied them itself: neither read nor written by us.</param>
/// <param name="Retries">Requests that were sent again.</param>
internal sealed record CopyResult(ulong Size, ulong Read, ulong Written, ulong Shared, int Retries);
