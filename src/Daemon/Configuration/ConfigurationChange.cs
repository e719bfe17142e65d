using System.Reflection;
using System.Text.Json;

namespace Hyper2Kvm.Daemon.Configuration;

/// <summary>What a configuration that was read again changes, and what it cannot change without a restart.</summary>
internal static class ConfigurationChange
{
    /// <summary>Folders and sockets are opened once.</summary>
    private static readonly string[] AtStart =
    [
        nameof(DaemonConfiguration.WatchDir), nameof(DaemonConfiguration.OutputDir), nameof(DaemonConfiguration.Workdir),
        nameof(DaemonConfiguration.Poll), nameof(DaemonConfiguration.PollInterval), nameof(DaemonConfiguration.Control),
    ];

    /// <summary>The keys that differ.</summary>
    /// <param name="old">What holds.</param>
    /// <param name="read">What was read.</param>
    /// <returns>Those that hold at once, and those that need a restart; in snake_case.</returns>
    public static (IReadOnlyList<string> Applied, IReadOnlyList<string> Restart) Between(DaemonConfiguration old, DaemonConfiguration read)
    {
        var changed = Keys().Where(key => Text(key, old) != Text(key, read)).ToList();
        return ([.. Names(changed.Where(key => !AtStart.Contains(key.Name)))], [.. Names(changed.Where(key => AtStart.Contains(key.Name)))]);
    }

    /// <summary>The configuration that holds after it was read again.</summary>
    /// <param name="old">What holds.</param>
    /// <param name="read">What was read.</param>
    public static DaemonConfiguration Apply(DaemonConfiguration old, DaemonConfiguration read)
        => read with { WatchDir = old.WatchDir, OutputDir = old.OutputDir, Workdir = old.Workdir, Poll = old.Poll, PollInterval = old.PollInterval, Control = old.Control };

    private static IEnumerable<PropertyInfo> Keys() => typeof(DaemonConfiguration).GetProperties().Where(property => property.CanWrite);

    private static string Text(PropertyInfo key, DaemonConfiguration of) => JsonSerializer.Serialize(key.GetValue(of));

    private static IEnumerable<string> Names(IEnumerable<PropertyInfo> keys) => keys.Select(key => JsonNamingPolicy.SnakeCaseLower.ConvertName(key.Name));
}
