using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Guest.Inspection;
using Hyper2Kvm.Guest.Inspection.Packages;
using Hyper2Kvm.Guest.Inspection.Tools;
using Hyper2Kvm.Guest.Mounting;
using Hyper2Kvm.Helpers.Convert.Linux;
using Hyper2Kvm.Helpers.Convert.Linux.Boot;
using Hyper2Kvm.Helpers.Convert.Linux.Boot.Loaders;
using Hyper2Kvm.Helpers.Convert.Linux.Network;

namespace Hyper2Kvm.Helpers.Convert.Inspection;

/// <summary>Describes one system of a guest. What cannot be read becomes a warning: an inspection has no reason to stop.</summary>
internal sealed class SystemInspector
{
    /// <summary>Drivers by which one sees on which hypervisors a kernel runs.</summary>
    private static readonly string[] Drivers =
    [
        "virtio_pci", "virtio_blk", "virtio_scsi", "virtio_net", "virtio_balloon", "virtio_rng", "ahci", "nvme", "ata_piix", "mptspi", "mptsas",
        "vmw_pvscsi", "vmxnet3", "hv_storvsc", "hv_netvsc", "xen_blkfront", "xen_netfront", "e1000", "e1000e",
    ];

    private readonly MountedGuest _guest;
    private readonly IReadOnlyList<GuestVolume> _volumes;
    private readonly Firmware _firmware;
    private readonly List<string> _warnings = [];

    private SystemInspector(MountedGuest guest, IReadOnlyList<GuestVolume> volumes, Firmware firmware)
    {
        _guest = guest;
        _volumes = volumes;
        _firmware = firmware;
    }

    /// <summary>Describes a system that is mounted.</summary>
    /// <param name="guest">The system.</param>
    /// <param name="volumes">All volumes of the guest.</param>
    /// <param name="firmware">How the guest boots.</param>
    public static InspectedSystem Inspect(MountedGuest guest, IReadOnlyList<GuestVolume> volumes, Firmware firmware) => new SystemInspector(guest, volumes, firmware).Inspect();

    /// <summary>Describes a system that could not be mounted with all that it needs.</summary>
    /// <param name="system">As it was found.</param>
    /// <param name="reason">Why not.</param>
    public static InspectedSystem Inspect(GuestSystem system, string reason) => Of(system) with { Warnings = [.. system.Problems, reason] };

    private static InspectedSystem Of(GuestSystem system)
        => new() { OperatingSystem = system.OperatingSystem, Subvolume = system.Subvolume, Architecture = system.Architecture, Windows = system.Windows };

    private InspectedSystem Inspect()
    {
        foreach (var problem in _guest.System.Problems)
        {
            Warn(problem);
        }

        foreach (var mount in _guest.Mounts)
        {
            Warn(mount.Fallback is { } fallback ? $"{mount.Volume.Device} on {mount.MountPoint} could only be mounted {fallback}" : null);
            Warn(mount.Warning is { } warning ? $"{mount.Volume.Device} on {mount.MountPoint}: {warning}" : null);
        }

        foreach (var left in _guest.Unmounted)
        {
            Warn($"{left.Spec} on {left.MountPoint} was not opened: {left.Reason}");
        }

        return _guest.System.Windows is null ? InspectLinux() : Of(_guest.System) with { Warnings = _warnings };
    }

    private InspectedSystem InspectLinux()
    {
        var packages = PackageInventory.Read(_guest.Files);
        if (packages is { Format: { } format, Packages: null })
        {
            Warn($"the package database ({format}) was not read");
        }

        var bootloader = Attempt(() => Bootloaders.TryFind(_guest.Files, _firmware == Firmware.Uefi), null);
        var kernels = Attempt(() => Kernels(bootloader is null ? [] : Bootloaders.DefaultFirst(bootloader)), []);
        var network = Attempt(Network, []);
        return Of(_guest.System) with
        {
            PackageManager = packages.Manager,
            PackageFormat = packages.Format,
            PackageCount = packages.Packages?.Count,
            Packages = [.. (packages.Packages ?? []).Select(package => new InspectedPackage { Name = package.Name, Version = package.Version, Architecture = package.Architecture })],
            Kernels = kernels,
            Bootloader = bootloader?.Name,
            Fstab = [.. _guest.Fstab.Select(Describe)],
            HypervisorTools = HypervisorTools.Find(_guest.Files),
            Network = network,
            Warnings = _warnings,
        };
    }

    private InspectedMount Describe(FstabEntry entry)
    {
        var volume = entry.IsVolume ? DeviceSpec.Resolve(entry.Spec, _volumes, _guest.Naming) : null;
        var mount = _guest.Mounts.FirstOrDefault(mount => mount.Volume == volume && mount.MountPoint == entry.MountPoint);
        return new InspectedMount
        {
            Spec = entry.Spec,
            MountPoint = entry.MountPoint,
            Type = entry.Type,
            Device = volume?.Device,
            State = mount is not null ? mount.Fallback ?? "normal" : _guest.Unmounted.FirstOrDefault(left => left.Spec == entry.Spec && left.MountPoint == entry.MountPoint)?.Reason,
        };
    }

    private IReadOnlyList<InspectedKernel> Kernels(IReadOnlyList<BootEntry> entries)
    {
        var plan = new StepPlan("kernels");
        var kernels = KernelSearch.Find(_guest.Files, entries, plan);
        foreach (var warning in plan.Warnings)
        {
            Warn(warning.Message);
        }

        return [.. kernels.Select(kernel => new InspectedKernel
        {
            Version = kernel.Version,
            Image = kernel.ImagePath,
            Initramfs = kernel.InitramfsPath,
            Drivers = [.. Drivers.Where(kernel.Modules.Has)],
        })];
    }

    private IReadOnlyList<InspectedInterface> Network()
        => [.. NetworkSurvey.Read(_guest.Files, Warn)
            .Select(card => new InspectedInterface { Name = card.Name, Mac = card.Mac, Addresses = card.Addresses, File = card.Path })];

    private T Attempt<T>(Func<T> look, T otherwise)
    {
        try
        {
            return look();
        }
        catch (Exception unusable) when (unusable is GuestFileException or StepException && unusable is not StepException { Code.Name: "convert.disk" })
        {
            Warn(unusable.Message);
            return otherwise;
        }
    }

    private void Warn(string? message)
    {
        if (message is not null)
        {
            _warnings.Add(message);
        }
    }
}
