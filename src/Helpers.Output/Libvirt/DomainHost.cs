namespace Hyper2Kvm.Helpers.Output.Libvirt;

/// <summary>What the host of a domain can do.</summary>
internal sealed record DomainHost
{
    /// <summary>Whether it has KVM; without, QEMU emulates.</summary>
    public bool IsKvm { get; init; } = true;
}
