using Hyper2Kvm.Core.Documents;

namespace Hyper2Kvm.Helpers.Convert.Step;

/// <summary>Puts cards whose source names no network of its own where the user wants them (<c>--network</c>, <c>--bridge</c>).</summary>
internal static class TargetNetworks
{
    /// <summary>The name that a bare disk's card has.</summary>
    private const string Unnamed = "default";

    /// <summary>Applies the job's default to the cards.</summary>
    /// <param name="target">The machine.</param>
    /// <param name="output">The job's output section; its default is <c>network:NAME</c> or <c>bridge:NAME</c>.</param>
    public static TargetMetadata Apply(TargetMetadata target, JobOutput output)
        => output.DefaultNetwork?.Split(':', 2) is [var kind, var name]
            ? target with { Nics = [.. target.Nics.Select(nic => nic is { Kind: "network", Source: Unnamed } ? nic with { Kind = kind, Source = name } : nic)] }
            : target;
}
