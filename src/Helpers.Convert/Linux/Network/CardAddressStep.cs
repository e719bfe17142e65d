using System.Text.RegularExpressions;
using Hyper2Kvm.Helpers.Convert.Linux.Boot.Loaders;

namespace Hyper2Kvm.Helpers.Convert.Linux.Network;

/// <summary>Files that recognise a card by its address follow it to the one that was asked for: <c>HWADDR</c>, <c>macaddress</c>, rules of udev.</summary>
internal sealed class CardAddressStep : IConversionStep
{
    /// <inheritdoc/>
    public string Concern => "network-addresses";

    /// <inheritdoc/>
    public void Plan(LinuxGuest guest, StepPlan plan, CancellationToken cancel)
    {
        if (guest.Network.Readdressed.Count == 0)
            return;
        var edits = new TextEdits(guest);
        foreach (var path in NetworkSurvey.Read(guest.Files, _ => { }).Where(card => card.Mac is { } mac && guest.Network.Readdressed.ContainsKey(mac)).Select(card => card.Path).Distinct())
            edits.Rewrite(path, "the card has the address that was asked for", text => guest.Network.Readdressed.Aggregate(text, Replace));
        edits.AddTo(plan);
    }

    private static string Replace(string text, KeyValuePair<string, string> addresses)
        => Regex.Replace(text, addresses.Key.Replace(":", "[:-]", StringComparison.Ordinal), addresses.Value, RegexOptions.IgnoreCase);
}
