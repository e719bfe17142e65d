using System.Text.RegularExpressions;

namespace Hyper2Kvm.Guest.Attach;

/// <summary>A disk's server could not be reached; whoever asked decides whether to try again.</summary>
/// <param name="reason">Why, for people.</param>
/// <param name="isTransient">Whether it may pass.</param>
internal sealed partial class AttachFailure(string reason, bool isTransient) : Exception(reason)
{
    /// <summary>Whether another try may work: the connection was refused or lost, or the socket was not there yet.</summary>
    public bool IsTransient { get; } = isTransient;

    /// <summary>Judges what nbdfuse last said. What is not known to pass is final: no NBD server, no such export, no permission.</summary>
    /// <param name="lastWords">A line of libnbd (nbd_get_error(3)): the call, its part, and strerror(3).</param>
    public static AttachFailure Of(string lastWords) => new(lastWords, Passing().IsMatch(lastWords));

    // "external event": libnbd 1.14 says so of a server that hung up between its connect(2) and its poll(2).
    [GeneratedRegex(@"connect: (?:Connection refused|Connection reset by peer|No such file or directory|Resource temporarily unavailable|Interrupted system call|Connection timed out)$|external event [0-9]+ is invalid in state CONNECT|: (?:recv|send): |server disconnected unexpectedly|Connection reset by peer$|Broken pipe$", RegexOptions.CultureInvariant)]
    private static partial Regex Passing();
}
