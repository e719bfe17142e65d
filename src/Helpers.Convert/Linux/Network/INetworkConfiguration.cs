using Hyper2Kvm.Guest;

namespace Hyper2Kvm.Helpers.Convert.Linux.Network;

/// <summary>Reads one kind of network configuration of a guest.</summary>
internal interface INetworkConfiguration
{
    /// <summary>The cards that it speaks of; bridges, bonds, VLANs, tunnels and the loopback are none.</summary>
    /// <param name="files">The guest.</param>
    /// <param name="warn">Called with what could not be read and why.</param>
    IEnumerable<ConfiguredCard> Cards(IGuestFiles files, Action<string> warn);
}
