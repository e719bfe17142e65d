namespace Hyper2Kvm.Daemon.Outcome.Notifications;

/// <summary>A note could not be delivered. Its text holds no secret.</summary>
/// <param name="message">What happened, naming the server.</param>
/// <param name="canPass">Whether it may be delivered later as it is.</param>
/// <param name="wait">How long the server wants to be left alone.</param>
/// <param name="inner">The cause.</param>
internal sealed class NotDelivered(string message, bool canPass, TimeSpan? wait = null, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Whether it may be delivered later as it is.</summary>
    public bool CanPass { get; } = canPass;

    /// <summary>How long the server wants to be left alone.</summary>
    public TimeSpan? Wait { get; } = wait;
}
