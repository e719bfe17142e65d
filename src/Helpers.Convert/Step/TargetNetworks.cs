using Hyper2Kvm.Core.Documents;

namespace Hyper2Kvm.Helpers.Convert.Step;

/// <summary>Puts cards where the user wants them: single ones by address (<c>--mac</c>), those whose source names no network of its own by <c>--network</c> or <c>--bridge</c>.</summary>
internal static class TargetNetworks
{
    /// <summary>The name that a bare disk's card has.</summary>
    private const string Unnamed = "default";

    /// <summary>Applies the job's wishes to the cards.</summary>
    /// <param name="target">The machine.</param>
    /// <param name="output">The job's output section; its default is <c>network:NAME</c> or <c>bridge:NAME</c>.</param>
    /// <param name="warn">Told of a wish for a card that the guest does not have, with the remedy.</param>
    public static TargetMetadata Apply(TargetMetadata target, JobOutput output, Action<string, string> warn)
    {
        foreach (var card in output.Cards.Where(card => !target.Nics.Any(nic => nic.Mac == card.Mac)))
            warn($"--mac {card.Mac}: the guest has no such card", $"Its cards have {string.Join(", ", target.Nics.Select(nic => nic.Mac))}.");
        return target with { Nics = [.. target.Nics.Select(nic => Place(nic, output))] };
    }

    private static NicMetadata Place(NicMetadata nic, JobOutput output)
        => output.Cards.FirstOrDefault(card => card.Mac == nic.Mac) is { } card ? nic with { Kind = card.Kind, Source = card.Source }
            : nic is { Kind: "network", Source: Unnamed } && output.DefaultNetwork?.Split(':', 2) is [var kind, var name] ? nic with { Kind = kind, Source = name }
            : nic;
}
