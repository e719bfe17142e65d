using Serilog;

namespace Hyper2Kvm.Daemon.Watching;

/// <summary>Tells once for each entry why it is left alone.</summary>
/// <param name="log">Where.</param>
internal sealed class Notices(ILogger log)
{
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);

    /// <summary>Entries of which something was told.</summary>
    public IReadOnlyCollection<string> Names => _told;

    /// <summary>Tells it, unless it was told.</summary>
    /// <param name="name">The entry.</param>
    /// <param name="reason">Why it is left alone.</param>
    public void Tell(string name, string reason)
    {
        if (_told.Add(name))
        {
            log.Information("{Entry} is left alone: {Reason}", name, reason);
        }
    }

    /// <summary>The entry is gone; one of its name is another.</summary>
    /// <param name="name">The entry.</param>
    public void Forget(string name) => _told.Remove(name);
}
