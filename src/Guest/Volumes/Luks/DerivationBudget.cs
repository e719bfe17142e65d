namespace Hyper2Kvm.Guest.Volumes.Luks;

/// <summary>Bounds the time that deriving keys takes over all containers, slots and keys of a guest: each is bounded by itself, and a guest can have many.</summary>
/// <param name="clock">The clock.</param>
/// <param name="cancel">Gives up before the next derivation; one that is under way is not stopped.</param>
internal sealed class DerivationBudget(TimeProvider clock, CancellationToken cancel)
{
    /// <summary>Most time in all: a slot takes a second or two on the machine that made it.</summary>
    public static readonly TimeSpan Most = TimeSpan.FromMinutes(5);

    private TimeSpan _spent;

    /// <summary>Tries a slot.</summary>
    /// <param name="attempt">Does it; <see langword="null"/> where the key does not fit.</param>
    /// <exception cref="VolumeProblem">No time is left.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public byte[]? Spend(Func<byte[]?> attempt)
    {
        cancel.ThrowIfCancellationRequested();
        if (_spent >= Most)
        {
            throw new VolumeProblem($"deriving keys took {Most.TotalMinutes:0} minutes in all, and no more is spent on it: give each key for its own container (--key UUID:file:PATH), not for all");
        }

        var start = clock.GetTimestamp();
        try
        {
            return attempt();
        }
        finally
        {
            _spent += clock.GetElapsedTime(start);
        }
    }
}
