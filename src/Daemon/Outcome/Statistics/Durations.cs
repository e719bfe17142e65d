namespace Hyper2Kvm.Daemon.Outcome.Statistics;

/// <summary>Times of the last successful tries, for percentiles.</summary>
internal sealed class Durations
{
    /// <summary>How many are kept.</summary>
    public const int Kept = 1000;

    private readonly Queue<double> _seconds = new();

    /// <summary>All that are kept, seconds, oldest first.</summary>
    public double[] Seconds => [.. _seconds];

    /// <summary>Adds one.</summary>
    /// <param name="seconds">Its time; what is no time is passed over, so that a damaged file can do no harm.</param>
    public void Add(double seconds)
    {
        if (!double.IsFinite(seconds) || seconds < 0)
        {
            return;
        }

        _seconds.Enqueue(seconds);
        if (_seconds.Count > Kept)
        {
            _seconds.Dequeue();
        }
    }

    /// <summary>The smallest time that at least such a share of all did not exceed (nearest rank), one for each share; 0 where there is none.</summary>
    /// <param name="shares">From 0 to 1.</param>
    public double[] Percentiles(params ReadOnlySpan<double> shares)
    {
        var sorted = Seconds;
        Array.Sort(sorted);
        var found = new double[shares.Length];
        for (var i = 0; i < found.Length && sorted.Length > 0; i++)
        {
            found[i] = sorted[Math.Clamp((int)Math.Ceiling(shares[i] * sorted.Length) - 1, 0, sorted.Length - 1)];
        }

        return found;
    }
}
