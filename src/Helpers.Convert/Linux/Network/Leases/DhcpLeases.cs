using Hyper2Kvm.Guest;

namespace Hyper2Kvm.Helpers.Convert.Linux.Network.Leases;

/// <summary>The last lease of each interface, whichever client had it.</summary>
internal sealed class DhcpLeases
{
    private const long LargestFile = 4 * 1024 * 1024;

    private static readonly ILeaseFiles[] Clients = [new DhclientLeases(), new NetworkManagerLeases(), new DhcpcdLeases(), new WickedLeases()];

    private readonly ILookup<string, DhcpLease> _byInterface;

    private DhcpLeases(IEnumerable<DhcpLease> leases) => _byInterface = leases.Where(lease => lease.Address is not null).ToLookup(lease => lease.Interface, StringComparer.Ordinal);

    /// <summary>Reads all that are on the disk; systemd-networkd's and udhcpc's are not.</summary>
    /// <param name="files">The guest.</param>
    /// <param name="plan">Told of files that were not read.</param>
    public static DhcpLeases Read(IGuestFiles files, StepPlan plan) => new(Clients.SelectMany(client => client.Leases(files, path => Bytes(files, path, plan))));

    /// <summary>The lease of an interface that ends last: of one client's file the last, where no time is noted.</summary>
    /// <param name="name">The interface.</param>
    /// <param name="isSure">Whether no other lease could be the last one.</param>
    public DhcpLease? Last(string name, out bool isSure)
    {
        var leases = _byInterface[name].ToList();
        var last = leases.Where(lease => lease.End is not null).MaxBy(lease => lease.End) ?? leases.LastOrDefault();
        isSure = last is null || last.End is not null || leases.TrueForAll(lease => lease.Address == last.Address);
        return last;
    }

    private static byte[]? Bytes(IGuestFiles files, string path, StepPlan plan)
    {
        if (files.Status(path) is not { Kind: GuestFileKind.File } status)
            return null;
        if (status.Length <= LargestFile)
            return files.Read(path, LargestFile);
        plan.Warn($"the file has {status.Length >> 20} MiB and was not looked into for leases (at most {LargestFile >> 20} MiB are read)", path);
        return null;
    }
}
