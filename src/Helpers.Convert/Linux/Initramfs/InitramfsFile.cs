using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Boot.Loaders;
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

    /// <summary>Early microcode in a file of its own (Arch, Gentoo): no initramfs.</summary>
    private static readonly string[] Microcode = ["-ucode.img", "/early_ucode.cpio"];

    /// <summary>Paths of a kernel's initramfs files, links followed: what the bootloader loads with it, then what is called after it.</summary>
    /// <param name="files">The guest.</param>
    /// <param name="version">Kernel release.</param>
    /// <param name="images">Its images.</param>
    /// <param name="entries">What the bootloader starts.</param>
    /// <remarks>
    /// A file that was only kept means that an earlier conversion was killed between two renames: its name counts. What holds all drivers anyway
    /// (mkinitcpio's fallback) is left alone, unless the menu starts it.
    /// </remarks>
    public static IReadOnlyList<string> PathsFor(IGuestFiles files, string version, IReadOnlyList<string> images, IReadOnlyList<BootEntry> entries)
    {
        // Several entries of one kernel: Arch's second loads the fallback, which is no copy of the first.
        var loaded = images.Select(image => entries.FirstOrDefault(entry => entry.Image == image && entry.Initramfs.Any(IsInitramfs))).OfType<BootEntry>()
            .SelectMany(entry => entry.Initramfs)
            .Where(IsInitramfs);
        var named = images.SelectMany(image => Candidates(version, image)).Where(path => files.HasFile(path) || files.HasFile(Kept(path)));
        return [.. loaded.Concat(named).Select(path => BootPath.Follow(files, path)).Distinct()];
    }

    /// <summary>Where the file as it was is kept.</summary>
    /// <param name="path">Path of the initramfs.</param>
    public static string Kept(string path) => path + KeptSuffix;

    /// <summary>Where the new file is made before it takes the place of the old one.</summary>
    /// <param name="path">Path of the initramfs.</param>
    public static string New(string path) => path + NewSuffix;

    private static bool IsInitramfs(string path) => !Array.Exists(Microcode, suffix => path.EndsWith(suffix, StringComparison.Ordinal));

    /// <summary>Names by release (Debian, Red Hat, SUSE, Photon), beside an image that kernel-install(8) has put into a directory of its own, and by flavour (Arch, Alpine).</summary>
    private static IEnumerable<string> Candidates(string version, string image)
    {
        var slash = image.LastIndexOf('/');
        var (directory, name) = (image[..slash], image[(slash + 1)..]);
        var flavour = name.Contains('-') ? name[(name.IndexOf('-') + 1)..] : version;
        string[] directories = directory.StartsWith("/boot", StringComparison.Ordinal) || directory.StartsWith("/efi", StringComparison.Ordinal) ? [directory, "/boot"] : ["/boot"];
        string[] names = [$"initrd.img-{version}", $"initrd-{version}.img", $"initramfs-{version}.img", $"initrd-{version}", $"initramfs-{flavour}.img", $"initramfs-{flavour}", $"initramfs-genkernel-x86_64-{version}"];
        var all = directories.Distinct().SelectMany(place => names.Select(candidate => $"{place}/{candidate}"));
        return directory.EndsWith("/" + version, StringComparison.Ordinal) && !directory.Contains("/modules/", StringComparison.Ordinal) ? all.Prepend($"{directory}/initrd") : all;
    }
}
