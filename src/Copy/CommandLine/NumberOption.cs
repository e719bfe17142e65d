using System.CommandLine;
using Hyper2Kvm.Core.Documents;

namespace Hyper2Kvm.Copy.CommandLine;

/// <summary>Options whose value is a number in known bounds; a value outside them is refused by name.</summary>
internal static class NumberOption
{
    /// <summary>A size in bytes, with a suffix (<c>64k</c>, <c>1M</c>, <c>2G</c>) or none.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">What it is for, with its unit and its default.</param>
    /// <param name="least">The least value, bytes.</param>
    /// <param name="most">The largest value, bytes.</param>
    /// <param name="powerOfTwo">Whether it must be a power of two.</param>
    internal static Option<long?> Bytes(string name, string description, long least, long most, bool powerOfTwo = false)
        => Create<long?>(name, "BYTES", description, text => ByteSize.TryParse(text, out var bytes) && bytes >= least && bytes <= most && (!powerOfTwo || long.IsPow2(bytes)) ? bytes : null,
            $"is no {(powerOfTwo ? "power of two" : "size")} {Bounds(Text(least), most == long.MaxValue ? null : Text(most))} (bytes, or with k, M, G)");

    /// <summary>A count.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">What it is for, with its unit and its default.</param>
    /// <param name="least">The least value.</param>
    /// <param name="most">The largest value.</param>
    internal static Option<int?> Count(string name, string description, int least, int most)
        => Create<int?>(name, "N", description, text => int.TryParse(text, out var number) && number >= least && number <= most ? number : null,
            $"is no number {Bounds($"{least}", most == int.MaxValue ? null : $"{most}")}");

    private static Option<T> Create<T>(string name, string helpName, string description, Func<string, T> parse, string refusal) => new(name)
    {
        Description = description,
        HelpName = helpName,
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            var value = parse(text);
            if (value is null) result.AddError($"{name}: '{text}' {refusal}");
            return value;
        },
    };

    private static string Bounds(string least, string? most) => most is null ? $"from {least}" : $"from {least} to {most}";

    private static string Text(long bytes) => bytes switch
    {
        >= 1 << 20 when bytes % (1 << 20) == 0 => $"{bytes >> 20}M",
        >= 1 << 10 when bytes % (1 << 10) == 0 => $"{bytes >> 10}k",
        _ => $"{bytes}",
    };
}
