namespace Hyper2Kvm.Helpers.Input.Images;

/// <summary>Files whose bytes, one file after the other, are the bytes of the disk.</summary>
/// <param name="Paths">The files, real paths.</param>
/// <param name="Bytes">Their length together, bytes; more than the disk's where something follows it (the footer of a VHD), less where the last sector is not whole.</param>
internal sealed record PlainFiles(IReadOnlyList<string> Paths, long Bytes);
