namespace Hyper2Kvm.Core.Documents;

/// <summary>What is on the disks of a guest (<c>inspection.json</c>, <c>hyper2kvm inspect --json</c>). Nothing was written to find it.</summary>
public sealed record GuestInspection : IDocument
{
    /// <inheritdoc/>
    public static string SchemaName => "hyper2kvm/inspection/1";

    /// <inheritdoc/>
    public static string FileName => "inspection.json";

    /// <summary>Always <c>hyper2kvm/inspection/1</c>.</summary>
    public required string Schema { get; init; }

    /// <summary>Name of the guest, as its source has it.</summary>
    public required string Name { get; init; }

    /// <summary>Firmware that its disks are laid out for.</summary>
    public Firmware Firmware { get; init; }

    /// <summary>Index of the disk that its firmware starts from.</summary>
    public int BootDisk { get; init; }

    /// <summary>What mounted its file systems, and why that.</summary>
    public ReportBackend? Backend { get; init; }

    /// <summary>Its disks.</summary>
    public IReadOnlyList<InspectedDisk> Disks { get; init => field = value ?? []; } = [];

    /// <summary>All volumes: file systems, swap, containers, and what is not known.</summary>
    public IReadOnlyList<InspectedVolume> Volumes { get; init => field = value ?? []; } = [];

    /// <summary>The systems on them, in the order of their volumes.</summary>
    public IReadOnlyList<InspectedSystem> Systems { get; init => field = value ?? []; } = [];

    /// <summary>How often what was read before was at hand.</summary>
    public IReadOnlyList<InspectedCache> Caches { get; init => field = value ?? []; } = [];

    /// <summary>Wall time of each part, seconds.</summary>
    public IReadOnlyList<ReportTiming> Timings { get; init => field = value ?? []; } = [];
}

/// <summary>One disk.</summary>
public sealed record InspectedDisk
{
    /// <summary>Place among the guest's disks, from 0.</summary>
    public int Index { get; init; }

    /// <summary>Name as of a guest with SCSI disks, <c>/dev/sda</c>.</summary>
    public required string Device { get; init; }

    /// <summary>File of the source.</summary>
    public string? Path { get; init; }

    /// <summary>Its format, <c>vmdk</c>.</summary>
    public string? Format { get; init; }

    /// <summary>Size that the guest sees, bytes.</summary>
    public long Bytes { get; init; }

    /// <summary>Partition table: <c>none</c>, <c>mbr</c> or <c>gpt</c>.</summary>
    public required string Table { get; init; }

    /// <summary>What is wrong with its table.</summary>
    public IReadOnlyList<string> Problems { get; init => field = value ?? []; } = [];
}

/// <summary>One volume.</summary>
public sealed record InspectedVolume
{
    /// <summary>Its name, <c>/dev/sda1</c>.</summary>
    public required string Device { get; init; }

    /// <summary><c>plain</c> for a partition or a whole disk, <c>raid</c> for an md array, <c>logical</c> for a volume of LVM, <c>opened</c> for what is in an encrypted one.</summary>
    public string Kind { get; init => field = value ?? "plain"; } = "plain";

    /// <summary>Index of its disk, from 0; the first of several.</summary>
    public int Disk { get; init; }

    /// <summary>Indexes of all disks that it lies on.</summary>
    public IReadOnlyList<int> Disks { get; init => field = value ?? []; } = [];

    /// <summary>Its length, bytes.</summary>
    public long Bytes { get; init; }

    /// <summary>GPT type GUID, or MBR type as two hex digits.</summary>
    public string? PartitionType { get; init; }

    /// <summary>PARTUUID.</summary>
    public string? PartitionUuid { get; init; }

    /// <summary>GPT name.</summary>
    public string? PartitionLabel { get; init; }

    /// <summary>What it holds, by blkid's names; missing where unknown.</summary>
    public string? Type { get; init; }

    /// <summary>UUID of the content.</summary>
    public string? Uuid { get; init; }

    /// <summary>Label of the content.</summary>
    public string? Label { get; init; }

    /// <summary>Why it could not be opened.</summary>
    public string? Note { get; init; }
}

/// <summary>One operating system.</summary>
public sealed record InspectedSystem
{
    /// <summary>Distribution, version, name, host name, root.</summary>
    public required OperatingSystemMetadata OperatingSystem { get; init; }

    /// <summary>btrfs option that chooses its root, <c>subvol=@</c>.</summary>
    public string? Subvolume { get; init; }

    /// <summary>Architecture as libvirt names it, <c>x86_64</c>.</summary>
    public string? Architecture { get; init; }

    /// <summary>What more is known of a Windows.</summary>
    public WindowsMetadata? Windows { get; init; }

    /// <summary><c>apt</c>, <c>dnf</c>, <c>yum</c>, <c>zypper</c>, <c>apk</c> or <c>pacman</c>.</summary>
    public string? PackageManager { get; init; }

    /// <summary>Format of its package database: <c>dpkg</c>, <c>rpm-sqlite</c>, <c>rpm-ndb</c>, <c>rpm-bdb</c>, <c>apk</c> or <c>pacman</c>.</summary>
    public string? PackageFormat { get; init; }

    /// <summary>How many packages are installed; missing where the database could not be read.</summary>
    public int? PackageCount { get; init; }

    /// <summary>The packages, by name.</summary>
    public IReadOnlyList<InspectedPackage> Packages { get; init => field = value ?? []; } = [];

    /// <summary>Installed kernels, newest first.</summary>
    public IReadOnlyList<InspectedKernel> Kernels { get; init => field = value ?? []; } = [];

    /// <summary><c>grub2</c>, <c>grub-legacy</c>, <c>systemd-boot</c> or <c>extlinux</c>.</summary>
    public string? Bootloader { get; init; }

    /// <summary>Its fstab, with the volume that each line means among all disks of the guest.</summary>
    public IReadOnlyList<InspectedMount> Fstab { get; init => field = value ?? []; } = [];

    /// <summary>Tools of hypervisors: <c>open-vm-tools</c>, <c>vmware-tools</c>, <c>virtualbox-guest-additions</c>, <c>hyperv-daemons</c>, <c>azure-agent</c>, <c>xe-guest-utilities</c>, <c>parallels-tools</c>, <c>qemu-guest-agent</c>.</summary>
    public IReadOnlyList<string> HypervisorTools { get; init => field = value ?? []; } = [];

    /// <summary>Network cards that its configuration speaks of.</summary>
    public IReadOnlyList<InspectedInterface> Network { get; init => field = value ?? []; } = [];

    /// <summary>What a person should know: file systems that are missing, damaged or could only be read without their journal.</summary>
    public IReadOnlyList<string> Warnings { get; init => field = value ?? []; } = [];
}

/// <summary>One installed package.</summary>
public sealed record InspectedPackage
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its version, as the package manager writes it.</summary>
    public string? Version { get; init; }

    /// <summary>Its architecture, as the package manager writes it.</summary>
    public string? Architecture { get; init; }
}

/// <summary>One kernel.</summary>
public sealed record InspectedKernel
{
    /// <summary>Release, as <c>uname -r</c> gives it.</summary>
    public required string Version { get; init; }

    /// <summary>Its image.</summary>
    public required string Image { get; init; }

    /// <summary>Its initramfs.</summary>
    public string? Initramfs { get; init; }

    /// <summary>Drivers of virtual hardware that it has, as modules or built in.</summary>
    public IReadOnlyList<string> Drivers { get; init => field = value ?? []; } = [];
}

/// <summary>One line of fstab.</summary>
public sealed record InspectedMount
{
    /// <summary>What the line calls it, <c>UUID=…</c>.</summary>
    public required string Spec { get; init; }

    /// <summary>Where.</summary>
    public required string MountPoint { get; init; }

    /// <summary>File system type that the line names.</summary>
    public required string Type { get; init; }

    /// <summary>The volume that is meant; missing for virtual file systems, and where the disks hold none of that name.</summary>
    public string? Device { get; init; }

    /// <summary>How it was mounted to look: <c>normal</c>, or the way that worked and why those before failed; or why it was not.</summary>
    public string? State { get; init; }
}

/// <summary>One network card of a system's configuration.</summary>
public sealed record InspectedInterface
{
    /// <summary>Name of the interface; missing where it is found by address alone.</summary>
    public string? Name { get; init; }

    /// <summary>MAC address that the configuration names.</summary>
    public string? Mac { get; init; }

    /// <summary>Addresses, <c>192.0.2.7/24</c>, and <c>dhcp</c>.</summary>
    public IReadOnlyList<string> Addresses { get; init => field = value ?? []; } = [];

    /// <summary>The file that says so.</summary>
    public required string File { get; init; }
}

/// <summary>How often a cache had what was asked for.</summary>
public sealed record InspectedCache
{
    /// <summary><c>partitions</c>, <c>probes</c> or <c>directories</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Times it had it.</summary>
    public long Hits { get; init; }

    /// <summary>Times it had to be read.</summary>
    public long Misses { get; init; }
}
