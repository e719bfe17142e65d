using System.Xml.Linq;
using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Helpers.Output.Disks;

namespace Hyper2Kvm.Helpers.Output.Libvirt;

/// <summary>The <c>devices</c> element of a domain (https://libvirt.org/formatdomain.html#devices).</summary>
internal static class DomainDevices
{
    /// <summary>Sound card models that libvirt knows ("Sound devices").</summary>
    private static readonly HashSet<string> SoundModels = new(["sb16", "es1370", "ac97", "ich6", "ich9"], StringComparer.Ordinal);

    /// <summary>All devices of a guest.</summary>
    /// <param name="guest">The guest.</param>
    /// <param name="disks">Where its disks are.</param>
    public static XElement Build(TargetMetadata guest, IReadOnlyList<DiskSource> disks)
    {
        var can = guest.Capabilities;
        var isPc = can.Architecture is "x86_64" or "i686";
        return new XElement(
            "devices",
            DomainDisks.Build(guest, disks),
            guest.Nics.Select(nic => Nic(nic, can)),
            new XElement("serial", new XAttribute("type", "pty")),
            new XElement("console", new XAttribute("type", "pty")),

            // qemu-guest-agent's own channel (QEMU docs, "QEMU Guest Agent").
            new XElement("channel", new XAttribute("type", "unix"), new XElement("target", new XAttribute("type", "virtio"), new XAttribute("name", "org.qemu.guest_agent.0"))),
            guest.Tpm is { } tpm ? Tpm(tpm) : null,
            isPc ? null : new XElement("input", new XAttribute("type", "keyboard"), new XAttribute("bus", "usb")),
            new XElement("input", new XAttribute("type", "tablet"), new XAttribute("bus", "usb")),
            new XElement(
                "graphics",
                new XAttribute("type", "vnc"),
                new XAttribute("port", -1),
                new XAttribute("autoport", "yes"),
                new XAttribute("listen", "127.0.0.1"),
                guest.Display?.Keymap is { } keymap ? new XAttribute("keymap", keymap) : null),
            guest.Sound is { } sound ? new XElement("sound", new XAttribute("model", SoundModels.Contains(sound) ? sound : "ich9")) : null,
            new XElement("video", new XElement("model", new XAttribute("type", VideoModel(guest)))),
            Balloon(can),
            can.Rng ? Rng(can) : null,
            can.PvPanic && isPc ? new XElement("panic", new XAttribute("model", "isa")) : null,
            can.Vsock ? new XElement("vsock", new XAttribute("model", VirtioModel(can)), new XElement("cid", new XAttribute("auto", "yes"))) : null);
    }

    /// <summary>
    /// A PCI Express slot makes a virtio device modern-only; a guest that knows no virtio 1.0 needs "virtio-transitional" on q35
    /// (formatdomain, "Virtio transitional devices"). The i440fx machine has conventional slots, where "virtio" is transitional.
    /// </summary>
    /// <param name="can">What the guest can drive.</param>
    public static string VirtioModel(GuestCapabilities can) => !can.LegacyVirtio || can.Machine != "q35" ? "virtio" : "virtio-transitional";

    private static XElement Nic(NicMetadata nic, GuestCapabilities can)
    {
        var model = nic.Model ?? can.NicModel;
        return new XElement(
            "interface",
            new XAttribute("type", nic.Kind),
            nic.Mac is null ? null : new XElement("mac", new XAttribute("address", nic.Mac)),
            new XElement("source", new XAttribute(nic.Kind, nic.Source)),
            new XElement("model", new XAttribute("type", model == "virtio" ? VirtioModel(can) : model)));
    }

    private static XElement Tpm(TpmMetadata tpm)
        => new(
            "tpm",
            new XAttribute("model", tpm.Version == "1.2" ? "tpm-tis" : "tpm-crb"),
            new XElement("backend", new XAttribute("type", "emulator"), new XAttribute("version", tpm.Version)));

    /// <summary>virtio-vga shows text and VESA to a system that has no driver for it; Windows has no such driver in its box and shows less than with plain VGA.</summary>
    private static string VideoModel(TargetMetadata guest)
        => guest.OperatingSystem?.Family == "windows" || guest.Capabilities.LegacyVirtio ? "vga" : "virtio";

    private static XElement Balloon(GuestCapabilities can)
        => new("memballoon", new XAttribute("model", can.Balloon ? VirtioModel(can) : "none"));

    private static XElement Rng(GuestCapabilities can)
        => new("rng", new XAttribute("model", VirtioModel(can)), new XElement("backend", new XAttribute("model", "random"), "/dev/urandom"));
}
