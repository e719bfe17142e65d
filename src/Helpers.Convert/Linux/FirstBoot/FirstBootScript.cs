using System.Security.Cryptography;

namespace Hyper2Kvm.Helpers.Convert.Linux.FirstBoot;

/// <summary>A program that runs once, at the first boot on the target.</summary>
/// <param name="Rank">When: lower ones first.</param>
/// <param name="Reason">What it is for, in a sentence for people.</param>
/// <param name="Content">A script with a <c>#!</c> line, any other executable text for <c>/bin/sh</c>.</param>
internal sealed record FirstBootScript(FirstBootRank Rank, string Reason, ReadOnlyMemory<byte> Content)
{
    private const int IdCharacters = 16;

    /// <summary>Tells it from others by what it does: the same script is never queued twice, whatever its file was called.</summary>
    public string Id { get; } = System.Convert.ToHexStringLower(SHA256.HashData(Content.Span))[..IdCharacters];
}

/// <summary>Classes of scripts; the number is that of the first one's name in the queue.</summary>
internal enum FirstBootRank
{
    /// <summary>What the user gave (<c>--firstboot</c>).</summary>
    User = 1000,

    /// <summary>What waits for repositories: after all else, since it may take minutes.</summary>
    Packages = 9000,
}
