using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Initramfs;

/// <summary>Names of the initramfs files of a kernel.</summary>
internal static class InitramfsFile
{
    /// <summary>
    /// What the file as it was is called. grub's 10_linux looks for exact names (<c>initrd.img-VERSION</c>, <c>initrd-VERSION.img</c> …)
    /// and update-initramfs for kernels, so neither takes it for one of theirs.
    /// </summary>
    private const string KeptSuffix = ".pre-hyper2kvm";

    private const string NewSuffix = ".hyper2kvm-new";

    /// <summary>Path of a kernel's initramfs, or <see langword="null"/> where it has none.</summary>
    /// <param name="files">The guest.</param>
    /// <param name="version">Kernel release.</param>
    /// <remarks>A file that was only kept means that an earlier conversion was killed between two renames: its name counts.</remarks>
    public static string? PathFor(IGuestFiles files, string version)
        => new[] { $"/boot/initrd.img-{version}", $"/boot/initrd-{version}.img", $"/boot/initramfs-{version}.img", $"/boot/initrd-{version}" }
            .FirstOrDefault(path => files.HasFile(path) || files.HasFile(Kept(path)));

    /// <summary>Where the file as it was is kept.</summary>
    /// <param name="path">Path of the initramfs.</param>
    public static string Kept(string path) => path + KeptSuffix;

    /// <summary>Where the new file is made before it takes the place of the old one.</summary>
    /// <param name="path">Path of the initramfs.</param>
    public static string New(string path) => path + NewSuffix;
}
