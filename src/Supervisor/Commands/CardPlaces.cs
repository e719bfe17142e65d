using System.Text.RegularExpressions;
using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;

namespace Hyper2Kvm.Supervisor.Commands;

/// <summary>The option <c>--mac</c> in virt-v2v's spelling.</summary>
internal static partial class CardPlaces
{
    /// <summary>Reads them.</summary>
    /// <param name="values">What was given, each <c>MAC:network:NAME</c> or <c>MAC:bridge:NAME</c>.</param>
    /// <exception cref="StepException">One has another form, or two are of one card (<see cref="ErrorCodes.Usage"/>).</exception>
    public static IReadOnlyList<JobCard> Read(IEnumerable<string>? values)
    {
        var cards = (values ?? []).Select(Parse).ToList();
        return cards.GroupBy(card => card.Mac).FirstOrDefault(same => same.Count() > 1) is { } twice
            ? throw new StepException(ErrorCodes.Usage, $"--mac {twice.Key} is given twice", "A card goes to one place.")
            : cards;
    }

    private static JobCard Parse(string value)
        => Form().Match(value) is { Success: true } card
            ? new JobCard { Mac = card.Groups["mac"].Value.ToLowerInvariant(), Kind = card.Groups["kind"].Value, Source = card.Groups["name"].Value }
            : throw new StepException(ErrorCodes.Usage, $"--mac {value} is not of the form MAC:network:NAME or MAC:bridge:NAME", "For example --mac 00:0c:29:aa:bb:cc:bridge:br0; a Linux guest keeps the IP addresses that it has.");

    [GeneratedRegex("^(?<mac>[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}):(?<kind>network|bridge):(?<name>.+)$")]
    private static partial Regex Form();
}
