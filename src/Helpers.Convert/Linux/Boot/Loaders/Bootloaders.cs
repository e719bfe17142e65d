using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Boot.Loaders;

/// <summary>The bootloaders that are known, and which of them a guest starts with.</summary>
internal static class Bootloaders
{
    /// <summary>The one that the guest starts with.</summary>
    /// <param name="files">The guest.</param>
    /// <param name="efi">Whether its firmware is UEFI.</param>
    /// <exception cref="StepException">None is known (<see cref="ErrorCodes.ConvertBootloader"/>).</exception>
    public static IBootloader Find(IGuestFiles files, bool efi)
        => TryFind(files, efi) ?? throw (Lilo.IsInstalled(files) ? Lilo.Refusal() : new StepException(
            ErrorCodes.ConvertBootloader,
            "no bootloader was found: neither grub2 (/boot/grub/grub.cfg, /boot/grub2/grub.cfg) nor grub legacy, systemd-boot or extlinux",
            efi && !SystemdBoot.MountPoints.Any(point => files.HasDirectory($"{point}/EFI")) ? "Its EFI system partition was not found: give all disks of the guest, the one that it boots from first." : null));

    /// <summary>The same, or <see langword="null"/> where none is known.</summary>
    /// <param name="files">The guest.</param>
    /// <param name="efi">Whether its firmware is UEFI.</param>
    public static IBootloader? TryFind(IGuestFiles files, bool efi)
    {
        var grub = Grub2.Find(files, efi);
        if (efi && SystemdBoot.Find(files) is { Entries.Count: > 0 } systemdBoot && (grub is null || !HasGrubForEfi(files)))
            return systemdBoot;
        return grub ?? GrubLegacy.Find(files) ?? (IBootloader?)Extlinux.Find(files) ?? SystemdBoot.Find(files);
    }

    /// <summary>All entries, the one that is started where nobody chooses first.</summary>
    /// <param name="bootloader">The bootloader.</param>
    public static IReadOnlyList<BootEntry> DefaultFirst(IBootloader bootloader)
        => bootloader.Default is { } started ? [started, .. bootloader.Entries.Where(entry => entry != started)] : bootloader.Entries;

    /// <summary>A menu alone is no sign: the packages of grub for a BIOS leave one behind.</summary>
    private static bool HasGrubForEfi(IGuestFiles files)
        => SystemdBoot.MountPoints.SelectMany(point => files.List($"{point}/EFI").Select(vendor => $"{point}/EFI/{vendor}"))
            .Any(directory => files.List(directory).Any(name => name.StartsWith("grub", StringComparison.OrdinalIgnoreCase) && name.EndsWith(".efi", StringComparison.OrdinalIgnoreCase)));
}
