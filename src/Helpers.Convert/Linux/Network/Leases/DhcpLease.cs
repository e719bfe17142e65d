namespace Hyper2Kvm.Helpers.Convert.Linux.Network.Leases;

/// <summary>What a DHCP client of the guest noted of one lease: text of the guest, not checked yet.</summary>
/// <param name="Interface">Name of the interface.</param>
/// <param name="Path">The file.</param>
internal sealed record DhcpLease(string Interface, string Path)
{
    /// <summary>The address.</summary>
    public string? Address { get; init; }

    /// <summary>Bits of its network; <see langword="null"/> where the client does not note them.</summary>
    public int? PrefixLength { get; init; }

    /// <summary>The first router.</summary>
    public string? Router { get; init; }

    /// <summary>Name servers.</summary>
    public IReadOnlyList<string> NameServers { get; init; } = [];

    /// <summary>When it ends, UTC; <see langword="null"/> where the client does not note it.</summary>
    public DateTimeOffset? End { get; init; }
}
