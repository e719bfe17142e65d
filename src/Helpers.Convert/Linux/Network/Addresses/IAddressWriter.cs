namespace Hyper2Kvm.Helpers.Convert.Linux.Network.Addresses;

/// <summary>Gives cards static addresses in one kind of configuration.</summary>
internal interface IAddressWriter
{
    /// <summary>Whether a file is of this kind.</summary>
    /// <param name="path">The file.</param>
    bool Writes(string path);

    /// <summary>What becomes of the card's file; at rest after once.</summary>
    /// <param name="text">Its text.</param>
    /// <param name="card">The card, as the file speaks of it.</param>
    /// <param name="address">What the card gets. DHCP for IPv4 and other static addresses of IPv4 go, IPv6 stays.</param>
    /// <returns><see langword="null"/> where the file is written in a way in which that cannot be told surely.</returns>
    string? Rewrite(string text, ConfiguredCard card, StaticAddress address);

    /// <summary>What becomes of other files, where this kind keeps a part of it elsewhere; a file that is not there is taken as empty.</summary>
    /// <param name="card">The card.</param>
    /// <param name="address">What it gets.</param>
    IEnumerable<(string Path, Func<string, string> Rewrite)> Others(ConfiguredCard card, StaticAddress address) => [];
}
