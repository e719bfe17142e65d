using System.Runtime.InteropServices;
using System.Text;
using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Guest.Mounting;
using Hyper2Kvm.Guest.Partitions;
using Hyper2Kvm.Helpers.Convert.Linux;
using Hyper2Kvm.Helpers.Convert.Linux.Initramfs;
using Hyper2Kvm.Helpers.Convert.Linux.Verification;

namespace Hyper2Kvm.Helpers.Convert.Tests.Fakes;

/// <summary>A small guest in a folder: two disks and, unless told otherwise, a Debian with one kernel, an initramfs without virtio, grub2.</summary>
internal sealed class SampleGuest : IDisposable
{
    public const string Version = "6.1.0-9-amd64";
    public const string RootUuid = "11111111-1111-1111-1111-111111111111";
    public const string SwapUuid = "22222222-2222-2222-2222-222222222222";
    public const string DataUuid = "33333333-3333-3333-3333-333333333333";

    /// <summary>By this the guest's udev reads <c>.link</c> files.</summary>
    public const string LinkRules = "/usr/lib/udev/rules.d/80-net-setup-link.rules";

    private readonly TemporaryDirectory _directory = new();

    public SampleGuest(string moduleSuffix = ".ko", bool usrMerged = true, bool isDebian = true)
    {
        if (usrMerged)
        {
            Directory.CreateDirectory(Host("/usr/lib"));
            Directory.CreateSymbolicLink(Path.Combine(Root, "lib"), "usr/lib");
        }

        Files = new FolderGuestFiles(Root);
        Put("/etc/fstab", "/dev/sda1 / ext4 defaults 0 1\n");
        Put("/usr/bin/udevadm", "x");
        Put(LinkRules, "x");
        if (!isDebian)
            return;
        Put("/boot/grub/grub.cfg", $"set default=\"0\"\nmenuentry 'Debian' {{\n\tsearch --no-floppy --fs-uuid --set=root {RootUuid}\n\tlinux\t/boot/vmlinuz-{Version} root=/dev/sda1 ro quiet\n\tinitrd\t/boot/initrd.img-{Version}\n}}\n");
        Put("/etc/initramfs-tools/modules", "# comment\n");
        Put("/etc/initramfs-tools/conf.d/resume", "RESUME=/dev/sda2\n");
        AddKernel(Version, moduleSuffix);
        Put($"/boot/initrd.img-{Version}", Archives.Gzip(Archives.Debian(Version)));
    }

    public string Root => _directory.Path;

    public FolderGuestFiles Files { get; }

    public List<GuestVolume> Volumes { get; } =
    [
        Volume(0, 1, "ext4", RootUuid, "aaaaaaaa-01"),
        Volume(0, 2, "swap", SwapUuid, "aaaaaaaa-02"),
        Volume(1, 1, "ext4", DataUuid, "bbbbbbbb-01"),
        Volume(1, 2, null, null, "bbbbbbbb-02"),
        Volume(1, 3, null, null, null),
    ];

    public List<LinuxMount> Mounts { get; } = [];

    public DiskNaming Naming { get; init; } = DiskNaming.AsGiven;

    public List<NicMetadata> Nics { get; } = [new NicMetadata()];

    public List<string> Macs { get; } = [];

    public string Name { get; set; } = "sample";

    public string Distribution { get; set; } = "debian";

    /// <summary>As os-release says it; <see langword="null"/> for a 12 of <see cref="Distribution"/>.</summary>
    public OperatingSystemMetadata? System { get; set; }

    public Firmware Firmware { get; set; }

    public JobConvert Options { get; set; } = new();

    public string Architecture { get; set; } = RuntimeInformation.ProcessArchitecture == global::System.Runtime.InteropServices.Architecture.X64 ? "x86_64" : "aarch64";

    /// <summary>What stands for the guest's programs where they are to be run.</summary>
    public FakeGuestPrograms Programs { get; } = new();

    public List<string> IdLike { get; } = [];

    /// <summary>The first sectors of its first disk, with grub's boot record.</summary>
    public BootSectors BootDisk { get; } = new();

    public static GuestVolume Volume(int disk, int partition, string? content, string? uuid, string? partitionUuid) => new()
    {
        Device = $"/dev/sd{(char)('a' + disk)}{partition}", Disk = disk, Partition = partition, Offset = 0, Length = 1 << 20, Content = content, Uuid = uuid, PartitionUuid = partitionUuid,
    };

    public void AddKernel(string version, string suffix = ".ko", string builtIn = "kernel/fs/nothing.ko\n", bool virtio = true)
    {
        Put($"/boot/vmlinuz-{version}", "kernel");
        var modules = virtio
            ? new Dictionary<string, string>
            {
                ["kernel/drivers/virtio/virtio_ring"] = "",
                ["kernel/drivers/virtio/virtio"] = "kernel/drivers/virtio/virtio_ring",
                ["kernel/drivers/virtio/virtio_pci"] = "kernel/drivers/virtio/virtio kernel/drivers/virtio/virtio_ring",
                ["kernel/drivers/block/virtio_blk"] = "kernel/drivers/virtio/virtio kernel/drivers/virtio/virtio_ring",
                ["kernel/drivers/scsi/virtio_scsi"] = "kernel/drivers/virtio/virtio kernel/drivers/virtio/virtio_ring",
                ["kernel/drivers/net/virtio_net"] = "kernel/net/core/failover kernel/drivers/virtio/virtio kernel/drivers/virtio/virtio_ring",
                ["kernel/net/core/failover"] = "",
                ["kernel/drivers/char/hw_random/virtio-rng"] = "kernel/drivers/virtio/virtio",
            }
            : [];
        modules["kernel/fs/ext4/ext4"] = "";
        modules["kernel/drivers/scsi/sd_mod"] = "";
        modules["kernel/drivers/ata/ahci"] = "";
        Put($"/usr/lib/modules/{version}/modules.dep", string.Concat(modules.Select(module => $"{module.Key}{suffix}:{string.Concat(module.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(needed => $" {needed}{suffix}"))}\n")));
        Put($"/usr/lib/modules/{version}/modules.builtin", builtIn);
        foreach (var module in modules.Keys)
            Put($"/usr/lib/modules/{version}/{module}{suffix}", Archives.Module(suffix));
        if (!Directory.Exists(Path.Combine(Root, "lib")))
            Directory.CreateSymbolicLink(Path.Combine(Root, "lib"), "usr/lib");
    }

    public void Put(string path, string text) => Put(path, Encoding.Latin1.GetBytes(text));

    public void Put(string path, byte[] content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Files?.Host(path) ?? Host(path))!);
        File.WriteAllBytes(Files?.Host(path) ?? Host(path), content);
    }

    public string Text(string path) => Encoding.Latin1.GetString(Files.Read(path));

    public ConversionReport Customise(params JobCustomisation[] operations)
    {
        Options = Options with { Customise = operations };
        return Convert().Report;
    }

    /// <summary>Makes systemd, OpenRC or System V init what starts the guest's services.</summary>
    public SampleGuest StartedBy(string init)
    {
        foreach (var (path, text) in init switch
        {
            "systemd" => [("/usr/lib/systemd/systemd", "x")],
            "openrc" => [("/sbin/openrc-run", "x"), ("/etc/runlevels/default/keep", "x"), ("/etc/init.d/keep", "x")],
            _ => new[] { ("/etc/rc3.d/README", "x"), ("/etc/init.d/keep", "x") },
        })
        {
            Put(path, text);
        }

        return this;
    }

    public (TargetMetadata Target, ConversionReport Report) Convert()
    {
        using var tools = new TemporaryDirectory();
        return LinuxConversion.Plan(Input(tools.Path), CancellationToken.None).Apply(Files, Programs, CancellationToken.None);
    }

    /// <summary>What a verification finds in its files and on its first disk.</summary>
    public IReadOnlyList<VerificationFinding> Verify()
    {
        using var tools = new TemporaryDirectory();
        return LinuxVerification.Verify(
            new VerificationInput
            {
                Guest = Input(tools.Path),
                Disks = [new GuestDisk(0, BootDisk.Length, PartitionTable.Read(BootDisk), BootDisk.HasCode, ReadOnly: true)],
                ReadDisk = _ => BootDisk,
            },
            CancellationToken.None);
    }

    private LinuxGuestInput Input(string tools) => new()
    {
        Files = Files,
        Volumes = Volumes,
        Naming = Naming,
        Mounts = Mounts.Count > 0 ? Mounts : [new LinuxMount(Volumes[0], "/")],
        Source = new SourceMetadata
        {
            Schema = SourceMetadata.SchemaName,
            Name = Name,
            Nics = Nics,
            Firmware = Firmware,
            Disks = [new DiskMetadata { Index = 0, Format = "raw", Path = "a", VirtualBytes = 7 }, new DiskMetadata { Index = 1, Format = "raw", Path = "b", VirtualBytes = 9 }],
        },
        System = System ?? new OperatingSystemMetadata { Family = "linux", Distribution = Distribution, ProductName = $"{Distribution} 12" },
        IdLike = IdLike,
        Macs = Macs,
        Options = Options,
        Architecture = Architecture,
        Programs = Programs,
        ToolDirectory = tools,
    };

    public InitramfsImage Initramfs(string version = Version) => InitramfsImage.Read(Files.Read($"/boot/initrd.img-{version}"), CancellationToken.None);

    public void Dispose() => _directory.Dispose();

    private string Host(string path) => Root + path;
}
