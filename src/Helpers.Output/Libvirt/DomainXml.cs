using System.Xml.Linq;
using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Programs;
using Hyper2Kvm.Helpers.Output.Disks;

namespace Hyper2Kvm.Helpers.Output.Libvirt;

/// <summary>A guest as libvirt's domain XML (https://libvirt.org/formatdomain.html). A pure function; the order of elements is libvirt's own.</summary>
internal static class DomainXml
{
    private const long BytesPerKibibyte = 1024;

    /// <summary>The domain XML of a guest.</summary>
    /// <param name="guest">The guest.</param>
    /// <param name="disks">Where its disks are.</param>
    /// <param name="host">What the host can do.</param>
    /// <returns>A whole XML document.</returns>
    public static string Build(TargetMetadata guest, IReadOnlyList<DiskSource> disks, DomainHost host)
    {
        var kibibytes = guest.MemoryBytes / BytesPerKibibyte;
        var domain = new XElement(
            "domain",
            new XAttribute("type", host.IsKvm ? "kvm" : "qemu"),
            new XComment($" made by hyper2kvm {ProductVersion.Text} "),
            new XElement("name", guest.Name),
            guest.Uuid is { } uuid ? new XElement("uuid", uuid) : null,
            guest.GenerationId is { } generation ? new XElement("genid", generation) : null,
            new XElement("memory", new XAttribute("unit", "KiB"), kibibytes),
            new XElement("currentMemory", new XAttribute("unit", "KiB"), kibibytes),
            new XElement("vcpu", guest.Cpu.Count),
            Boot(guest),
            Features(guest),
            Cpu(guest.Cpu, host),
            new XElement("clock", new XAttribute("offset", guest.Capabilities.Clock)),
            new XElement("on_poweroff", "destroy"),
            new XElement("on_reboot", "restart"),
            new XElement("on_crash", "restart"),
            DomainDevices.Build(guest, disks));
        return $"<?xml version='1.0' encoding='UTF-8'?>\n{domain}\n";
    }

    /// <summary>Firmware is chosen by libvirt from what its host has installed ("BIOS bootloader", attribute firmware).</summary>
    private static XElement Boot(TargetMetadata guest)
    {
        var type = new XElement(
            "type",
            new XAttribute("arch", guest.Capabilities.Architecture),
            new XAttribute("machine", guest.Capabilities.Machine),
            "hvm");
        return guest.Firmware == Firmware.Uefi
            ? new XElement(
                "os",
                new XAttribute("firmware", "efi"),
                type,
                new XElement(
                    "firmware",
                    FirmwareFeature("enrolled-keys", guest.SecureBoot),
                    FirmwareFeature("secure-boot", guest.SecureBoot)))
            : new XElement("os", type);
    }

    private static XElement FirmwareFeature(string name, bool enabled)
        => new("feature", new XAttribute("enabled", enabled ? "yes" : "no"), new XAttribute("name", name));

    private static XElement Features(TargetMetadata guest)
    {
        var isPc = guest.Capabilities.Architecture is "x86_64" or "i686";
        return new XElement(
            "features",
            new XElement("acpi"),
            isPc ? new XElement("apic") : new XElement("gic"),

            // Secure boot keeps its variables from the guest's system by system management mode.
            guest.SecureBoot ? new XElement("smm", new XAttribute("state", "on")) : null);
    }

    /// <summary>
    /// host-model gives the guest what its new host has (RHEL 9 and others need more than qemu64's x86-64-v1); the emulator's best is "maximum".
    /// </summary>
    private static XElement Cpu(CpuMetadata cpu, DomainHost host)
    {
        var element = host.IsKvm switch
        {
            false => new XElement("cpu", new XAttribute("mode", "maximum")),
            true when cpu.Model is not null => new XElement(
                "cpu",
                new XAttribute("match", "minimum"),
                new XElement("model", new XAttribute("fallback", "allow"), cpu.Model),
                cpu.Vendor is null ? null : new XElement("vendor", cpu.Vendor)),
            true => new XElement("cpu", new XAttribute("mode", "host-model")),
        };
        var topology = CpuTopology.Of(cpu);
        if (topology is not null)
        {
            element.Add(new XElement(
                "topology",
                new XAttribute("sockets", topology.Sockets),
                new XAttribute("cores", topology.Cores),
                new XAttribute("threads", topology.Threads)));
        }

        return element;
    }
}
