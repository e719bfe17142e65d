namespace Hyper2Kvm.Helpers.Convert.Linux.Initramfs;

/// <summary>One cpio archive of an initramfs.</summary>
/// <param name="Entries">Its entries, the trailer last.</param>
/// <param name="IsLast">Whether it belongs to the part that is rewritten; the leading ones (early microcode) are kept byte for byte.</param>
internal sealed record CpioArchive(IReadOnlyList<CpioEntry> Entries, bool IsLast);
