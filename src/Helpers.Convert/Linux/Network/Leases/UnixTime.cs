namespace Hyper2Kvm.Helpers.Convert.Linux.Network.Leases;

/// <summary>Seconds since 1970.</summary>
internal static class UnixTime
{
    private const long Last = 253402300799; // the last second of the year 9999

    /// <summary>The time; none for one that no calendar has.</summary>
    /// <param name="seconds">Seconds since 1970, UTC.</param>
    public static DateTimeOffset? Of(long seconds) => seconds is >= 0 and <= Last ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;
}
