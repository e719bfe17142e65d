using System.Text.RegularExpressions;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Network;

/// <summary>udev rules that name cards by address, as <c>70-persistent-net.rules</c> has them (udev(7)). They go before <c>.link</c> files.</summary>
internal sealed partial class PersistentNetRules : INetworkConfiguration
{
    private const string Directory = "/etc/udev/rules.d";

    /// <inheritdoc/>
    public IEnumerable<ConfiguredCard> Cards(IGuestFiles files, Action<string> warn)
    {
        foreach (var path in files.List(Directory).Where(name => name.EndsWith(".rules", StringComparison.Ordinal)).Select(name => $"{Directory}/{name}"))
        {
            foreach (var line in (files.ReadText(path) ?? string.Empty).Split('\n').Where(line => line.Contains("\"net\"", StringComparison.Ordinal) && !line.TrimStart().StartsWith('#')))
            {
                var name = Name().Match(line).Groups["name"].Value;
                if (name.Length == 0)
                    continue;
                if (Driver().Match(line) is { Success: true } driver)
                    warn($"{path} gives the name {name} by the driver {driver.Groups["driver"].Value}, which the card no longer has");
                else if (MacAddress.Normalise(Address().Match(line).Groups["mac"].Value) is { } mac)
                    yield return new ConfiguredCard(name, mac, path, KeepsName: true, OnlyNames: true);
            }
        }
    }

    [GeneratedRegex("""\bNAME:?="(?<name>[^"%$*?\[]+)["]""")]
    private static partial Regex Name();

    [GeneratedRegex("""ATTRS?\{address\}=="(?<mac>[^"]+)["]""")]
    private static partial Regex Address();

    [GeneratedRegex("""DRIVERS?=="(?<driver>[A-Za-z0-9_-]+)["]""")]
    private static partial Regex Driver();
}
