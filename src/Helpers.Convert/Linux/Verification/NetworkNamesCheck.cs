using System.Text.RegularExpressions;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;
using Hyper2Kvm.Helpers.Convert.Linux.Network;

namespace Hyper2Kvm.Helpers.Convert.Linux.Verification;

/// <summary>The names that the guest's network configuration uses are given to cards of the target: by <c>.link</c> files, rules of udev, or the kernel's own order.</summary>
internal sealed partial class NetworkNamesCheck : IGuestCheck
{
    private const string RulesDirectory = "/etc/udev/rules.d";

    /// <inheritdoc/>
    public string Name => "network";

    /// <inheritdoc/>
    public void Check(VerifiedGuest guest, Findings findings, CancellationToken cancel)
    {
        var links = guest.Files.List(InterfaceLink.Directory)
            .Where(name => name.EndsWith(".link", StringComparison.Ordinal) && guest.Files.HasFile($"{InterfaceLink.Directory}/{name}"))
            .Select(name => (File: $"{InterfaceLink.Directory}/{name}", Settings: IniFile.Settings(guest.Files.ReadText($"{InterfaceLink.Directory}/{name}") ?? string.Empty).ToList()))
            .ToList();
        foreach (var (file, settings) in links)
            CheckLink(guest, file, settings, findings);
        var given = links.SelectMany(link => link.Settings).Where(setting => setting is { Section: "Link", Key: "Name" }).Select(setting => setting.Value)
            .Concat(guest.Files.List(RulesDirectory).Select(name => $"{RulesDirectory}/{name}").Where(guest.Files.HasFile).SelectMany(path => RuleName().Matches(guest.Files.ReadText(path)!).Select(match => match.Groups["name"].Value)))
            .ToHashSet(StringComparer.Ordinal);
        foreach (var card in NetworkSurvey.Read(guest.Files, message => findings.Warn(Name, "network configuration", message, "Look at the file in the guest.")))
        {
            if (card is { Name: { } name, KeepsName: false, OnlyNames: false } && !given.Contains(name) && !KernelName().IsMatch(name))
                findings.Warn(Name, card.Path, $"nothing gives a card the name {name}: on the target a card has it only by chance", $"Convert the guest, or write /etc/systemd/network/10-{name}.link in it.");
        }
    }

    private void CheckLink(VerifiedGuest guest, string file, List<(string Section, string Key, string Value)> settings, Findings findings)
    {
        var isOurs = file.StartsWith($"{InterfaceLink.Directory}/{InterfaceLink.Prefix}", StringComparison.Ordinal);
        var remedy = isOurs ? "Remove the file in the guest, and convert it again." : "Correct the file in the guest (systemd.link(5)).";
        if (!settings.Exists(setting => setting.Section == "Match"))
            findings.Add(isOurs, Name, file, "it has no [Match] section with a setting, and matches no card", remedy);
        foreach (var name in settings.Where(setting => setting is { Section: "Link", Key: "Name" }).Select(setting => setting.Value).Where(name => !ValidName().IsMatch(name)))
            findings.Add(isOurs, Name, file, $"'{name}' is no name that an interface can have", remedy);
        foreach (var mac in settings.Where(setting => isOurs && setting is { Section: "Match", Key: "MACAddress" }).Select(setting => setting.Value))
        {
            if (guest.Input.Cards is { } cards && !cards.Any(card => string.Equals(card.Mac, mac, StringComparison.OrdinalIgnoreCase)))
                findings.Warn(Name, file, $"the target has no card with the address {mac}", "Nothing, if the card was taken out on purpose.");
        }
    }

    [GeneratedRegex("NAME=\"(?<name>[^\"]+)\"")]
    private static partial Regex RuleName();

    /// <summary>Names that the kernel gives by itself.</summary>
    [GeneratedRegex("^eth[0-9]+$")]
    private static partial Regex KernelName();

    [GeneratedRegex("^[^\\s/:%]{1,15}$")]
    private static partial Regex ValidName();
}
