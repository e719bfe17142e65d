using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Helpers.Convert.Linux.Boot.Loaders;
using Hyper2Kvm.Helpers.Convert.Linux.Network.Addresses;
using Hyper2Kvm.Helpers.Convert.Linux.Network.Leases;

namespace Hyper2Kvm.Helpers.Convert.Linux.Network;

/// <summary>Static addresses that were asked for: by <c>--mac MAC:ip:…</c> for one card, by <c>--static-from-lease</c> for those that DHCP gave theirs.</summary>
/// <remarks>After all steps that edit configurations of the network: it works on what they made.</remarks>
internal sealed class StaticAddressStep : IConversionStep
{
    private const string Dhcp = "dhcp";
    private const string GiveIt = "Say it: --mac MAC:ip:ADDRESS,ROUTER,LENGTH,NAMESERVER";

    private static readonly IAddressWriter[] Writers = [new NetworkdWriter(), new NetplanWriter(), new KeyfileWriter(), new IfupdownWriter(), new IfcfgWriter(), new SuseIfcfgWriter()];

    /// <inheritdoc/>
    public string Concern => "network-static";

    /// <inheritdoc/>
    public void Plan(LinuxGuest guest, StepPlan plan, CancellationToken cancel)
    {
        var options = guest.Input.Options;
        if (options.Addresses.Count == 0 && !options.StaticFromLease)
            return;
        var edits = new TextEdits(guest);
        var cards = NetworkSurvey.Read(guest.Files, _ => { });
        var configured = cards.Where(card => !card.OnlyNames).ToList();
        var asked = new HashSet<ConfiguredCard>();
        foreach (var wish in options.Addresses)
        {
            var address = Address(wish);
            var its = configured.Where(card => IsOf(card, wish.Mac, guest.Network, cards)).ToList();
            if (its.Count == 0)
                TellOfNone(wish, guest, plan);
            foreach (var card in its.Where(asked.Add))
                Give(card, address, "--mac", edits, plan);
        }

        if (options.StaticFromLease)
            FromLeases(configured.Where(card => !asked.Contains(card)), DhcpLeases.Read(guest.Files, plan), edits, plan);
        edits.AddTo(plan);
    }

    private static StaticAddress Address(JobCardAddress wish)
        => StaticAddress.Of(wish.Address, wish.PrefixLength, wish.Gateway, wish.NameServers, isFromLease: false, out var problem)
            ?? throw new StepException(
                ErrorCodes.ConvertCustomise,
                $"--mac {wish.Mac}:ip:{wish.Address}: {problem}",
                wish.Address.Contains(':') ? "Addresses of IPv6 are not set in a Linux guest; set it once the guest runs." : "A Linux guest needs it whole, for example --mac MAC:ip:192.0.2.7,192.0.2.1,24");

    private static void FromLeases(IEnumerable<ConfiguredCard> cards, DhcpLeases leases, TextEdits edits, StepPlan plan)
    {
        var now = TimeProvider.System.GetUtcNow();
        foreach (var card in cards.Where(card => card.Addresses.Contains(Dhcp)))
        {
            var name = card.Name ?? card.Mac;
            if (card.Addresses.Any(own => own != Dhcp && !own.Contains(':')))
                plan.Warn($"{name} has static addresses beside DHCP's; its configuration stays", card.Path, GiveIt);
            else if (card.Name is null || leases.Last(card.Name, out var isSure) is not { } lease)
                plan.Warn($"{name} stays with DHCP: no lease of it is on the disk (systemd-networkd and udhcpc keep theirs in memory)", card.Path, GiveIt);
            else if (!isSure)
                plan.Warn($"{name} stays with DHCP: it has several leases, and none tells when it ended", lease.Path, GiveIt);
            else if (StaticAddress.Of(lease.Address, lease.PrefixLength, lease.Router, lease.NameServers, isFromLease: true, out var problem) is not { } address)
                plan.Warn($"{name} stays with DHCP: its lease cannot be used, {problem}", lease.Path, GiveIt);
            else if (Give(card, address, $"the lease in {lease.Path}", edits, plan) && lease.End < now)
                plan.Warn($"the lease of {address.Address} ended on {lease.End:yyyy-MM-dd}; {name} has that address now, which the DHCP server may have given away since", lease.Path, "Ask who has the address, or reserve it on the DHCP server.");
        }
    }

    private static bool Give(ConfiguredCard card, StaticAddress address, string from, TextEdits edits, StepPlan plan)
    {
        var name = card.Name ?? card.Mac;
        if (Array.Find(Writers, writer => writer.Writes(card.Path)) is not { } writer || writer.Rewrite(edits.Current(card.Path), card, address) is null)
        {
            plan.Warn($"{name} does not get {address}: its configuration is written in a way that is not edited", card.Path, "Set the address once the guest runs.");
            return false;
        }

        var reason = $"{name} has the static address {address} ({from})";
        edits.Rewrite(card.Path, reason, text => writer.Rewrite(text, card, address) ?? text);
        foreach (var (path, rewrite) in writer.Others(card, address))
            edits.Rewrite(path, reason, rewrite);
        return true;
    }

    /// <summary>Whether a configuration is that of the card with an address: it says so, or it goes by the name that the card has.</summary>
    private static bool IsOf(ConfiguredCard card, string mac, NetworkPlan network, IReadOnlyList<ConfiguredCard> all)
    {
        if (card.Mac is not null)
            return MacOf(card, network) == mac;
        var named = network.Links.FirstOrDefault(link => link.Name == card.Name);
        return named is not null
            ? named.Mac == mac || (named.Mac is null && network.Nics is [var only] && only.Mac == mac)
            : all.Any(other => other.Name == card.Name && MacOf(other, network) == mac);
    }

    private static string? MacOf(ConfiguredCard card, NetworkPlan network) => card.Mac is null ? null : network.Readdressed.GetValueOrDefault(card.Mac, card.Mac);

    private static void TellOfNone(JobCardAddress wish, LinuxGuest guest, StepPlan plan)
    {
        if (guest.Network.Nics.Any(nic => nic.Mac == wish.Mac))
            plan.Warn($"--mac {wish.Mac}:ip: no configuration in the guest is that of this card", hint: "Configure the card once the guest runs.");
        else
            plan.Warn($"--mac {wish.Mac}:ip: the guest has no such card", hint: $"Its cards have {string.Join(", ", guest.Network.Nics.Select(nic => nic.Mac))}.");
    }
}
