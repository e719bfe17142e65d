namespace Hyper2Kvm.Daemon.Outcome.Notifications;

/// <summary>A way on which notes go out. It reads the configuration each time, so that a reload counts at once.</summary>
internal interface INoteChannel
{
    /// <summary>Which way it is, without anything secret: <c>webhook slack</c>, <c>mail mx.example.org:587</c>.</summary>
    string Name { get; }

    /// <summary>Whether it is configured.</summary>
    bool IsConfigured { get; }

    /// <summary>Sends one note, once.</summary>
    /// <param name="note">The note.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="NotDelivered">It was not taken.</exception>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    Task SendAsync(Note note, CancellationToken cancel);
}
