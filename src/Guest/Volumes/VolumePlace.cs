using Hyper2Kvm.Guest.Attach;

namespace Hyper2Kvm.Guest.Volumes;

/// <summary>Where one copy of a byte of a volume lies.</summary>
/// <param name="Store">On what; an <see cref="IBlockStore"/> where it can be written.</param>
/// <param name="Offset">Where there, bytes.</param>
/// <param name="IsReadable">Whether it may be read; a copy that is still being rebuilt is only written.</param>
internal readonly record struct VolumePlace(IDiskReader Store, long Offset, bool IsReadable = true);
