using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Boot;
using Hyper2Kvm.Helpers.Convert.Linux.Boot.Loaders;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;
using Hyper2Kvm.Helpers.Convert.Linux.Initramfs;

namespace Hyper2Kvm.Helpers.Convert.Linux.Verification;

/// <summary>A guest with what the checks need of it.</summary>
/// <param name="Input">What the verification started from.</param>
/// <param name="Bootloader">Its bootloader.</param>
/// <param name="Kernels">Its kernels.</param>
/// <param name="Block">How its disks are attached on the target.</param>
internal sealed record VerifiedGuest(VerificationInput Input, IBootloader Bootloader, IReadOnlyList<InstalledKernel> Kernels, TargetBlockBus Block)
{
    private string? _arguments;
    private TargetDevices? _devices;

    /// <summary>Its files.</summary>
    public IGuestFiles Files => Input.Guest.Files;

    /// <summary>Arguments that the kernel gets where nobody chooses.</summary>
    public string DefaultArguments => _arguments ??= Bootloader.Default is { } started ? ArgumentsOf(started) : string.Empty;

    /// <summary>What names of volumes mean on the target.</summary>
    public TargetDevices Devices => _devices ??= new TargetDevices(Input.Guest.Volumes, Input.Guest.Naming, Block.DiskPrefix, MappedNames.Of(Files.ReadText("/etc/crypttab") ?? string.Empty, DefaultArguments));

    /// <summary>Arguments that an entry gives its kernel: its own, or those of its unified image.</summary>
    /// <param name="entry">The entry.</param>
    public string ArgumentsOf(BootEntry entry)
        => entry.Image is { } image && UnifiedImage.IsNamedAs(image) && Unified(image)?.Arguments is { } own ? own : entry.Arguments;

    /// <summary>A unified kernel image, or <see langword="null"/> where the file is none.</summary>
    /// <param name="path">The file.</param>
    public UnifiedImage? Unified(string path) => UnifiedImage.Read(Files.ReadBounded(path, InitramfsStep.LargestFile));
}
