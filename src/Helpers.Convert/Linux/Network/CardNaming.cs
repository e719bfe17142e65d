using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Helpers.Convert.Linux.Boot;

namespace Hyper2Kvm.Helpers.Convert.Linux.Network;

/// <summary>Decides which card of the target gets which address and name. Pure.</summary>
/// <remarks>
/// The rule: whatever name and address a card had, it has after. Cards whose addresses are known keep them, and so do files of the guest
/// that recognise cards by address. A bare disk knows no cards: its configuration tells how many there were, and sometimes
/// (udev rules, keyfiles, netplan) their real addresses, which are then used again.
/// </remarks>
internal sealed class CardNaming
{
    private readonly List<ConfiguredCard> _configured;
    private readonly string _identity;
    private readonly IReadOnlyList<string> _asked;
    private readonly List<NicMetadata> _nics = [];
    private readonly List<InterfaceLink> _links = [];
    private readonly List<string> _findings = [];
    private readonly Dictionary<string, string> _readdressed = new(StringComparer.Ordinal);
    private readonly List<string> _warnings = [];

    private CardNaming(IEnumerable<ConfiguredCard> configured, string identity, IReadOnlyList<string> asked)
    {
        _asked = asked;
        _configured = Merge(configured);
        _identity = identity;
    }

    /// <summary>Decides.</summary>
    /// <param name="source">Cards of the source.</param>
    /// <param name="configured">What the guest's files say.</param>
    /// <param name="identity">What tells this guest from others, for addresses that we have to make.</param>
    /// <param name="model">Model of the target's cards.</param>
    /// <param name="asked">Addresses that the user gives the cards of a source that tells none.</param>
    public static NetworkPlan Decide(IReadOnlyList<NicMetadata> source, IEnumerable<ConfiguredCard> configured, string identity, string model, IReadOnlyList<string> asked)
    {
        var naming = new CardNaming(configured, identity, asked);
        var known = source.Any(nic => MacAddress.Normalise(nic.Mac) is not null);
        if (known)
            naming.FromSource(source);
        else
            naming.FromConfiguration(source.Count > 0 ? source[0] : new NicMetadata());
        naming.WarnOfKernelNames();
        return new NetworkPlan([.. naming._nics.Select(nic => nic with { Model = model })], naming._links, naming._findings, naming._readdressed, naming._warnings);
    }

    /// <summary>One card can be in several files: a rule says its name, a connection its address.</summary>
    private static List<ConfiguredCard> Merge(IEnumerable<ConfiguredCard> configured)
    {
        var merged = new List<ConfiguredCard>();
        foreach (var card in configured.OrderByDescending(card => card.KeepsName).ThenByDescending(card => card.Mac is not null))
        {
            var known = merged.FindIndex(other => (card.Name is not null && other.Name == card.Name) || (card.Mac is not null && other.Mac == card.Mac));
            if (known < 0)
                merged.Add(card);
            else
                merged[known] = merged[known] with { Name = merged[known].Name ?? card.Name, Mac = merged[known].Mac ?? card.Mac, OnlyNames = merged[known].OnlyNames && card.OnlyNames };
        }

        return [.. merged.OrderBy(card => card.Name, NaturalOrder.Instance)];
    }

    private void FromSource(IReadOnlyList<NicMetadata> source)
    {
        var ordered = source.All(nic => nic.Slot is not null) ? source.OrderBy(nic => nic.Slot).ToList() : [.. source];
        var addressed = ordered.Select((nic, index) => nic with { Mac = MacAddress.Normalise(nic.Mac) ?? MacAddress.Derive(_identity, index) }).ToList();
        var unbound = new Queue<string>(_configured.Where(card => card is { Name: not null, OnlyNames: false } && !addressed.Exists(nic => nic.Mac == card.Mac)).Select(card => card.Name!));
        foreach (var nic in addressed)
        {
            _nics.Add(nic);
            var bound = _configured.Find(card => card.Mac == nic.Mac);
            if (bound is not null && (bound.KeepsName || bound.Name is null))
                _findings.Add($"the card {nic.Mac} keeps its address, by which {bound.Path} finds it");
            else if ((bound?.Name ?? (unbound.TryDequeue(out var next) ? next : null)) is { } name)
                AddByMac(name, nic.Mac!, bound is null ? "by the order of slots" : $"as {bound.Path} says");
            else
                _findings.Add($"the card {nic.Mac} keeps its address; no configuration names it");
        }

        if (unbound.Count > 0)
            _warnings.Add($"the guest configures {string.Join(", ", unbound)} too, but the source has {source.Count} card(s)");
    }

    private void FromConfiguration(NicMetadata template)
    {
        // A rule for a card that went long ago must not bring it back, as long as the configuration tells which cards are used.
        if (_configured.Exists(card => !card.OnlyNames))
            _configured.RemoveAll(card => card.OnlyNames);
        var asked = new Queue<string>(_asked.Where(mac => !_configured.Exists(card => card.Mac == mac)));
        if (_configured.Count == 0 && asked.Count == 0)
        {
            _nics.Add(template with { Mac = MacAddress.Derive(_identity, 0) });
            _findings.Add($"the source names no card and the guest configures none; the target's card has the address {_nics[0].Mac}");
            return;
        }

        for (var index = 0; index < _configured.Count; index++)
        {
            var card = _configured[index];
            var mac = AddressOf(card, index, asked);
            _nics.Add(template with { Mac = mac, Slot = null });
            if (card.Mac == mac)
                _findings.Add($"the source is a bare disk without addresses; {card.Path} has that of {card.Name ?? "a card"}, {mac}, which the target's card gets");
            if (card.KeepsName || card.Name is null)
                continue;
            if (_configured.Count == 1 && _asked.Count == 0)
                AddForAnyCard(card, mac);
            else
                AddByMac(card.Name, mac, card.Mac is not null ? $"as {card.Path} says" : _asked.Contains(mac) ? "by the order of names, with the address that was asked for" : "by the order of names, with an address that was made for it");
        }

        foreach (var mac in asked)
        {
            _nics.Add(template with { Mac = mac, Slot = null });
            _findings.Add($"the card {mac} was asked for; no configuration names it");
        }
    }

    /// <summary>What was asked for goes before what a file has, unless a file has one that was asked for.</summary>
    private string AddressOf(ConfiguredCard card, int index, Queue<string> asked)
    {
        if (card.Mac is { } own && _asked.Contains(own))
            return own;
        if (!asked.TryDequeue(out var next))
            return card.Mac ?? MacAddress.Derive(_identity, index);
        if (card.Mac is { } old)
            _readdressed[old] = next;
        return next;
    }

    private void AddForAnyCard(ConfiguredCard card, string mac)
    {
        _links.Add(new InterfaceLink(card.Name!, Mac: null, "The guest's only configured card, whatever its address."));
        _findings.Add($"the source is a bare disk without addresses; the only configured name, {card.Name} ({card.Path}), goes to the only card, whatever its address; on the target it is {mac}");
    }

    private void AddByMac(string name, string mac, string why)
    {
        _links.Add(new InterfaceLink(name, mac, $"The card keeps the name that the configuration uses ({why})."));
        _findings.Add($"the card {mac} has the name {name}, {why}");
    }

    /// <summary>udev cannot swap names that the kernel itself gives out (systemd.link(5), Name=).</summary>
    private void WarnOfKernelNames()
    {
        var names = _links.Select(link => link.Name).Where(name => name.StartsWith("eth", StringComparison.Ordinal)).ToList();
        if (names.Count > 1)
            _warnings.Add($"{string.Join(", ", names)} are names that the kernel gives out itself in the order in which it finds cards; where that order differs, a name may not be given");
    }
}
