using System.Text;
using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Programs;
using Hyper2Kvm.Helpers.Output.Disks;
using Hyper2Kvm.Helpers.Output.Libvirt;

namespace Hyper2Kvm.Helpers.Output.Qemu;

/// <summary>A guest as a shell script that starts QEMU. A pure function.</summary>
/// <remarks>The folder of script and disks may be moved: disks are looked for beside the script. Firmware is looked for when it runs: hosts differ.</remarks>
internal static class QemuScript
{
    private const long BytesPerMebibyte = 1024 * 1024;

    /// <summary>What the script leaves out, in sentences for people.</summary>
    /// <param name="guest">The guest.</param>
    public static IEnumerable<string> Losses(TargetMetadata guest)
    {
        if (guest.Tpm is not null)
        {
            yield return "the guest has a TPM; a script of QEMU alone has none (it needs a running swtpm)";
        }

        if (guest.Nics.Any(nic => nic.Kind == "bridge"))
        {
            yield return "the guest has a network card on a bridge; the script connects all cards to QEMU's user network";
        }
    }

    /// <summary>The script.</summary>
    /// <param name="guest">The guest.</param>
    /// <param name="disks">Where its disks are: in the directory of the script.</param>
    public static string Build(TargetMetadata guest, IReadOnlyList<DiskSource> disks)
    {
        var script = new StringBuilder();
        script.Append(Head(guest));
        if (guest.Firmware == Firmware.Uefi)
        {
            script.Append(QemuFirmware.Lookup(guest));
        }

        script.Append(QemuAgent.Socket);
        script.Append($"\nexec qemu-system-{guest.Capabilities.Architecture}");
        foreach (var words in Arguments(guest, disks))
        {
            script.Append(" \\\n    ").Append(words);
        }

        return script.Append(" \\\n    \"$@\"\n").ToString();
    }

    private static string Head(TargetMetadata guest) => $$"""
        #!/bin/sh
        # Starts a guest that hyper2kvm {{ProductVersion.Text}} made. Further arguments go to QEMU, for example
        #   -snapshot                          write nothing to the disks
        #   -display none -serial mon:stdio    no window, the guest's serial console here
        # ACCEL=tcg emulates where KVM is there but does not work.
        set -eu

        name={{ShellText.Quote(guest.Name)}}
        here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
        # In an option of QEMU a comma is written twice.
        there=$(printf %s "$here" | sed 's/,/,,/g')

        """;

    private static IEnumerable<string> Arguments(TargetMetadata guest, IReadOnlyList<DiskSource> disks)
    {
        var can = guest.Capabilities;
        yield return $"-name guest={ShellText.Quote(ShellText.OptionValue(guest.Name))}";
        yield return $"-machine {can.Machine},accel=\"${{ACCEL:-kvm:tcg}}\"{(guest.SecureBoot ? ",smm=on" : string.Empty)}";
        yield return "-cpu max";
        yield return Processors(guest.Cpu);
        yield return $"-m {guest.MemoryBytes / BytesPerMebibyte}M";
        if (guest.Uuid is { } uuid)
        {
            yield return $"-uuid {uuid}";
        }

        if (guest.GenerationId is { } generation)
        {
            yield return $"-device vmgenid,guid={generation}";
        }

        yield return $"-rtc base={can.Clock}";
        if (guest.Firmware == Firmware.Uefi)
        {
            foreach (var words in QemuFirmware.Arguments(guest))
            {
                yield return words;
            }
        }

        foreach (var words in QemuDisks.Arguments(guest, disks).Concat(guest.Nics.SelectMany((nic, index) => Nic(nic, index, can))).Concat(QemuAgent.Arguments(can)).Concat(Small(guest)))
        {
            yield return words;
        }
    }

    private static string Processors(CpuMetadata cpu)
        => CpuTopology.Of(cpu) is { } topology
            ? $"-smp cpus={cpu.Count},sockets={topology.Sockets},cores={topology.Cores},threads={topology.Threads}"
            : $"-smp {cpu.Count}";

    private static IEnumerable<string> Nic(NicMetadata nic, int index, GuestCapabilities can)
    {
        var model = nic.Model ?? can.NicModel;
        var device = model == "virtio" ? "virtio-net-pci" + Transitional(can) : model;
        yield return $"-netdev user,id=net{index}";
        yield return $"-device {ShellText.Quote(device)},netdev=net{index}{(nic.Mac is { } mac ? $",mac={ShellText.Quote(mac)}" : string.Empty)}";
    }

    private static IEnumerable<string> Small(TargetMetadata guest)
    {
        var can = guest.Capabilities;
        var isPc = can.Architecture is "x86_64" or "i686";
        yield return isPc && (guest.OperatingSystem?.Family == "windows" || can.LegacyVirtio) ? "-vga std" : isPc ? "-vga virtio" : "-device virtio-gpu-pci";
        yield return "-device qemu-xhci";
        yield return "-device usb-tablet";
        if (!isPc)
        {
            yield return "-device usb-kbd";
        }

        if (can.Rng)
        {
            yield return $"-object rng-random,id=rng0,filename=/dev/urandom -device virtio-rng-pci{Transitional(can)},rng=rng0";
        }

        if (can.Balloon)
        {
            yield return $"-device virtio-balloon-pci{Transitional(can)}";
        }

        if (can.PvPanic && isPc)
        {
            yield return "-device pvpanic";
        }
    }

    /// <summary>Devices of virtio 1.0 and older in a PCI Express slot have a name of their own; see <see cref="DomainDevices.VirtioModel"/>.</summary>
    /// <param name="can">What the guest can drive.</param>
    public static string Transitional(GuestCapabilities can) => DomainDevices.VirtioModel(can) == "virtio" ? string.Empty : "-transitional";
}
