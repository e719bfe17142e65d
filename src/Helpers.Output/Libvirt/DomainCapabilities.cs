using System.Xml.Linq;
using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;

namespace Hyper2Kvm.Helpers.Output.Libvirt;

/// <summary>What a libvirt can give a guest (https://libvirt.org/formatdomaincaps.html): asked before the copy, because <c>define</c> would refuse only after it.</summary>
internal sealed record DomainCapabilities
{
    /// <summary>Whether the guest will run on KVM; without, QEMU emulates.</summary>
    public required bool IsKvm { get; init; }

    /// <summary>Most processors of a guest; 0 where it is not told.</summary>
    public int MaximumCpus { get; init; }

    /// <summary>Whether there is UEFI firmware.</summary>
    public bool HasUefi { get; init; }

    /// <summary>Whether there is UEFI firmware with secure boot.</summary>
    public bool HasSecureBoot { get; init; }

    /// <summary>Versions of TPM that can be emulated.</summary>
    public IReadOnlyList<string> TpmVersions { get; init; } = [];

    /// <summary>Asks a libvirt.</summary>
    /// <param name="libvirt">The libvirt.</param>
    /// <param name="virtType"><c>kvm</c>, <c>qemu</c>, or <c>auto</c>: KVM where it is to be had.</param>
    /// <param name="machine">Machine type and architecture.</param>
    /// <exception cref="StepException">It cannot run this machine (<see cref="ErrorCodes.OutputLibvirt"/>).</exception>
    public static DomainCapabilities Of(Virsh libvirt, string virtType, GuestCapabilities machine)
    {
        if (virtType == "auto")
        {
            virtType = libvirt.TryCapabilities("kvm", machine.Architecture, machine.Machine, out var kvm) ? "kvm" : "qemu";
            if (virtType == "kvm")
            {
                return Parse(kvm, isKvm: true);
            }
        }

        return libvirt.TryCapabilities(virtType, machine.Architecture, machine.Machine, out var answer)
            ? Parse(answer, virtType == "kvm")
            : throw new StepException(
                ErrorCodes.OutputLibvirt,
                $"libvirt at {libvirt.Uri} cannot run a {machine.Architecture} guest on machine {machine.Machine} with {virtType}: {answer}",
                "Install the emulator of this architecture (Debian: qemu-system), or use -oo virt-type=qemu where there is no KVM.");
    }

    /// <summary>Reads libvirt's answer.</summary>
    /// <param name="xml">The <c>domainCapabilities</c> document.</param>
    /// <param name="isKvm">Whether it is about KVM.</param>
    public static DomainCapabilities Parse(string xml, bool isKvm)
    {
        var root = XDocument.Parse(xml).Root!;
        var os = root.Element("os");
        var tpm = root.Element("devices")?.Element("tpm");
        return new DomainCapabilities
        {
            IsKvm = isKvm,
            MaximumCpus = (int?)root.Element("vcpu")?.Attribute("max") ?? 0,
            HasUefi = Values(os, "firmware").Contains("efi"),
            HasSecureBoot = Values(os?.Element("loader"), "secure").Contains("yes"),

            // Before libvirt 8.6 the versions were not told; an emulator was swtpm, which does both.
            TpmVersions = !Values(tpm, "backendModel").Contains("emulator") ? []
                : Values(tpm, "backendVersion") is { Count: > 0 } versions ? versions
                : ["1.2", "2.0"],
        };
    }

    /// <summary>Refuses a guest that this libvirt would refuse after the copy.</summary>
    /// <param name="guest">The guest.</param>
    /// <exception cref="StepException">Something that it needs is not there (<see cref="ErrorCodes.OutputLibvirt"/>).</exception>
    public void Check(TargetMetadata guest)
    {
        if (guest.Firmware == Firmware.Uefi && !HasUefi)
        {
            throw new StepException(ErrorCodes.OutputLibvirt, "the guest boots with UEFI, and libvirt finds no UEFI firmware on this host", "Debian: apt-get install ovmf");
        }

        if (guest.Firmware == Firmware.Uefi && guest.SecureBoot && !HasSecureBoot)
        {
            throw new StepException(
                ErrorCodes.OutputLibvirt,
                $"the guest has secure boot, and libvirt finds no firmware with it for the machine {guest.Capabilities.Machine}",
                "Debian: apt-get install ovmf; secure boot needs the machine q35.");
        }

        if (guest.Tpm is { } tpm && !TpmVersions.Contains(tpm.Version))
        {
            throw new StepException(
                ErrorCodes.OutputLibvirt,
                $"the guest has a TPM {tpm.Version}, and libvirt cannot emulate one on this host",
                $"Debian: apt-get install swtpm swtpm-tools, then restart libvirtd; or leave the TPM out with -oo {DomainOptions.Tpm}=none.");
        }

        if (MaximumCpus > 0 && guest.Cpu.Count > MaximumCpus)
        {
            throw new StepException(
                ErrorCodes.OutputLibvirt,
                $"the guest has {guest.Cpu.Count} processors, and the machine {guest.Capabilities.Machine} takes {MaximumCpus} at most",
                "Give the guest fewer processors at its source.");
        }
    }

    private static List<string> Values(XElement? parent, string name)
        => [.. parent?.Elements("enum").Where(element => (string?)element.Attribute("name") == name).Elements("value").Select(value => value.Value) ?? []];
}
