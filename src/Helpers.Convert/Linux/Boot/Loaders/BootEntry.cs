namespace Hyper2Kvm.Helpers.Convert.Linux.Boot.Loaders;

/// <summary>One entry of a bootloader's menu that starts a kernel.</summary>
/// <param name="Id">What the bootloader calls it where a default is set.</param>
/// <param name="Image">Path in the guest of the kernel that it starts; <see langword="null"/> where no file is there.</param>
/// <param name="Initramfs">Paths in the guest of what it loads with it, in order; those that are there.</param>
internal sealed record BootEntry(string Id, string? Image, IReadOnlyList<string> Initramfs);
