using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;

namespace Hyper2Kvm.Core.Programs;

/// <summary>Options for single network cards: <c>--mac</c> in virt-v2v's spelling, and <c>--static-from-lease</c>.</summary>
public sealed partial class CardOptions
{
    private const string Hint = "For example --mac 00:0c:29:aa:bb:cc:bridge:br0, or --mac 00:0c:29:aa:bb:cc:ip:192.0.2.7,192.0.2.1,24,192.0.2.53; without it a Linux guest keeps the IP addresses that it has.";
    private const int LongestPrefix = 128;

    private readonly Option<string[]> _cards = new("--mac")
    {
        Description = "Where the card with this address goes, or its static IP address; a bare disk's cards get the addresses, in this order.",
        HelpName = "MAC:network|bridge:NAME or MAC:ip:ADDRESS[,ROUTER[,LENGTH[,NAMESERVER…]]]",
    };

    private readonly Option<bool> _leases = new("--static-from-lease") { Description = "Cards that got their IPv4 address by DHCP keep that of their last lease, as a static one." };

    /// <summary>Adds them to a command.</summary>
    /// <param name="command">The command.</param>
    public void AddTo(Command command)
    {
        ArgumentNullException.ThrowIfNull(command);
        command.Options.Add(_cards);
        command.Options.Add(_leases);
    }

    /// <summary>Where cards go.</summary>
    /// <param name="parsed">The parsed command line.</param>
    /// <exception cref="StepException">A value has another form, or two are of one card (<see cref="ErrorCodes.Usage"/>).</exception>
    public IReadOnlyList<JobCard> Places(ParseResult parsed) => Once(Values(parsed).Select(Place).OfType<JobCard>(), card => card.Mac);

    /// <summary>A job's section with the addresses in it; what is not said stays as it is.</summary>
    /// <param name="parsed">The parsed command line.</param>
    /// <param name="job">The section.</param>
    /// <exception cref="StepException">A value has another form, or two are of one card (<see cref="ErrorCodes.Usage"/>).</exception>
    public JobConvert ApplyTo(ParseResult parsed, JobConvert job)
    {
        ArgumentNullException.ThrowIfNull(parsed);
        ArgumentNullException.ThrowIfNull(job);
        var said = Once(Values(parsed).Select(Address).OfType<JobCardAddress>(), card => card.Mac);
        return job with { StaticFromLease = parsed.GetValue(_leases) || job.StaticFromLease, Addresses = said.Count > 0 ? said : job.Addresses };
    }

    private IEnumerable<Match> Values(ParseResult parsed)
        => (parsed.GetValue(_cards) ?? []).Select(value => Form().Match(value) is { Success: true } card ? card
            : throw new StepException(ErrorCodes.Usage, $"--mac {value} is not of the form MAC:network:NAME, MAC:bridge:NAME or MAC:ip:ADDRESS[,ROUTER[,LENGTH[,NAMESERVER…]]]", Hint));

    private static JobCard? Place(Match card)
        => card.Groups["kind"].Value == "ip" ? null : new JobCard { Mac = Mac(card), Kind = card.Groups["kind"].Value, Source = card.Groups["value"].Value };

    private static JobCardAddress? Address(Match card)
    {
        if (card.Groups["kind"].Value != "ip")
        {
            return null;
        }

        var parts = card.Groups["value"].Value.Split(',');
        var length = -1;
        if (parts.Where((_, index) => index != 2).Any(part => !IPAddress.TryParse(part, out _))
            || (parts.Length > 2 && (!int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out length) || length > LongestPrefix)))
        {
            throw new StepException(ErrorCodes.Usage, $"--mac {card.Value}: what is behind ip: is not ADDRESS[,ROUTER[,LENGTH[,NAMESERVER…]]]", Hint);
        }

        return new JobCardAddress { Mac = Mac(card), Address = parts[0], Gateway = parts.ElementAtOrDefault(1), PrefixLength = length < 0 ? null : length, NameServers = [.. parts.Skip(3)] };
    }

    private static string Mac(Match card) => card.Groups["mac"].Value.ToLowerInvariant();

    private static List<T> Once<T>(IEnumerable<T> cards, Func<T, string> mac)
    {
        var all = cards.ToList();
        return all.GroupBy(mac).FirstOrDefault(same => same.Count() > 1) is { } twice
            ? throw new StepException(ErrorCodes.Usage, $"--mac {twice.Key} is given twice", "A card goes to one place, and has one address here.")
            : all;
    }

    [GeneratedRegex("^(?<mac>[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}):(?<kind>network|bridge|ip):(?<value>.+)$")]
    private static partial Regex Form();
}
