using System.Globalization;

namespace Hyper2Kvm.Daemon.Outcome.Notifications;

/// <summary>How grave a note is.</summary>
internal enum NoteLevel
{
    /// <summary>Something worked.</summary>
    Success,

    /// <summary>Something has to be looked at.</summary>
    Warning,

    /// <summary>Something failed.</summary>
    Error,
}

/// <summary>Something that somebody is told.</summary>
internal sealed record Note
{
    /// <summary>What it is about: <c>conversion_success</c>, <c>conversion_failure</c> ….</summary>
    public required string Event { get; init; }

    /// <summary>How grave it is.</summary>
    public required NoteLevel Level { get; init; }

    /// <summary>Heading, for people.</summary>
    public required string Title { get; init; }

    /// <summary>One sentence, for people.</summary>
    public required string Message { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Named values, without the event and its time: a text, a <see cref="double"/>, an <see cref="int"/> or a time in UTC.</summary>
    public required IReadOnlyList<(string Name, object Value)> Details { get; init; }

    /// <summary>The level in lower case.</summary>
    public string LevelName => Level.ToString().ToLowerInvariant();

    /// <summary>A time as notes have it: UTC, with its zone.</summary>
    /// <param name="time">The time.</param>
    public static string Text(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>A value as a person reads it.</summary>
    /// <param name="value">A value of <see cref="Details"/>.</param>
    public static string Text(object value) => value switch
    {
        DateTimeOffset time => Text(time),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? string.Empty,
    };
}
