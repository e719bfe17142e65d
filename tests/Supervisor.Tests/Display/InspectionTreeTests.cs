using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Supervisor.Display;

namespace Hyper2Kvm.Supervisor.Tests.Display;

public sealed class InspectionTreeTests
{
    private static readonly GuestInspection Found = new()
    {
        Schema = GuestInspection.SchemaName,
        Name = "web01",
        Firmware = Firmware.Uefi,
        Disks = [new InspectedDisk { Index = 0, Device = "/dev/sda", Path = "/a.vmdk", Format = "vmdk", Bytes = 1L << 30, Table = "gpt", Problems = ["the backup header is damaged"] }],
        Volumes =
        [
            new InspectedVolume { Device = "/dev/sda1", Bytes = 16 << 20, Type = "vfat", Label = "EFI", Uuid = "AAAA-BBBB" },
            new InspectedVolume { Device = "/dev/sda2", Bytes = 512 << 20, Note = "holds nothing \u001b[31mred" },
        ],
        Systems =
        [
            new InspectedSystem
            {
                OperatingSystem = new OperatingSystemMetadata { Family = "linux", Distribution = "debian", Version = "12", ProductName = "Debian 12", HostName = "a\nb", Root = "/dev/sda2" },
                Architecture = "x86_64",
                PackageManager = "apt",
                PackageFormat = "dpkg",
                PackageCount = 300,
                Kernels = [new InspectedKernel { Version = "6.1", Image = "/boot/vmlinuz-6.1", Drivers = ["virtio_blk"] }],
                Bootloader = "grub2",
                Fstab = [new InspectedMount { Spec = "UUID=1", MountPoint = "/", Type = "ext4", Device = "/dev/sda2", State = "normal" }],
                Network = [new InspectedInterface { Name = "ens192", Addresses = ["dhcp"], File = "/etc/network/interfaces" }],
                HypervisorTools = ["open-vm-tools"],
                Warnings = ["x"],
            },
        ],
        Caches = [new InspectedCache { Name = "probes", Hits = 3, Misses = 2 }],
        Timings = [new ReportTiming { Name = "open disks", Seconds = 0.05 }],
    };

    [Fact]
    public void Disks_volumes_and_systems_are_a_tree_in_which_no_control_character_of_the_guest_is_left()
        => string.Join('\n', InspectionTree.Lines(Found, timings: true)).Should().Be("""
            web01 (UEFI, boots from disk 0)
            ├─ disk 0: /dev/sda, vmdk, 1.0 GiB, gpt, /a.vmdk
            │  ├─ damaged: the backup header is damaged
            │  ├─ /dev/sda1: vfat, 16.0 MiB LABEL=EFI UUID=AAAA-BBBB
            │  └─ /dev/sda2: unknown, 512.0 MiB (holds nothing ?[31mred)
            ├─ system on /dev/sda2: Debian 12
            │  ├─ version: debian 12
            │  ├─ architecture: x86_64
            │  ├─ host name: a?b
            │  ├─ packages: 300 (apt, dpkg)
            │  ├─ bootloader: grub2
            │  ├─ kernel 6.1: /boot/vmlinuz-6.1, no initramfs; drivers virtio_blk
            │  ├─ mount /: UUID=1 = /dev/sda2, ext4
            │  ├─ network ens192: dhcp (/etc/network/interfaces)
            │  ├─ hypervisor tools: open-vm-tools
            │  └─ warning: x
            └─ timings
               ├─ open disks: 0.050 s
               └─ cache of probes: 3 hits, 2 misses
            """);

    [Fact]
    public void Disks_without_a_system_say_so() => InspectionTree.Lines(Found with { Systems = [] }).Last().Should().Be("└─ no operating system found");
}
