using Hyper2Kvm.Guest;

namespace Hyper2Kvm.Helpers.Convert.Linux.Network.Leases;

/// <summary>Leases that one DHCP client keeps on the disk.</summary>
internal interface ILeaseFiles
{
    /// <summary>All of them, in the order in which they were noted.</summary>
    /// <param name="files">The guest.</param>
    /// <param name="read">Gives the bytes of a file; <see langword="null"/> where none of a sensible size is.</param>
    IEnumerable<DhcpLease> Leases(IGuestFiles files, Func<string, byte[]?> read);
}
