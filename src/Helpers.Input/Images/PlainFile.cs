namespace Hyper2Kvm.Helpers.Input.Images;

/// <summary>A file that begins with the bytes of the disk, as they are.</summary>
/// <param name="Path">The file, real path.</param>
/// <param name="Bytes">Its length, bytes; more than the disk's where something follows it (the footer of a VHD), less where the last sector is not whole.</param>
internal sealed record PlainFile(string Path, long Bytes);
