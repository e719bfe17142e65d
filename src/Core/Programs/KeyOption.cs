using System.CommandLine;
using System.Text.RegularExpressions;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Keys;

namespace Hyper2Kvm.Core.Programs;

/// <summary><c>--key ID:key:PASSPHRASE</c> and <c>--key ID:file:PATH</c>, as virt-v2v has it; may be given several times.</summary>
public static partial class KeyOption
{
    /// <summary>Makes the option.</summary>
    public static Option<string[]> Create() => new("--key")
    {
        Description = "Passphrase of encrypted volumes; ID is a device such as /dev/sda2, a UUID, or all. May be given several times.",
        HelpName = "ID:file:PATH|ID:key:PASSPHRASE",
    };

    /// <summary>An argument as it may be written down: without the passphrase, where it is a key.</summary>
    /// <param name="argument">An argument of a command line.</param>
    public static string Redact(string argument) => Passphrase().Replace(argument, "…");

    /// <summary>Reads it. Passphrases among the arguments of this process are overwritten, so that a list of processes shows them no longer.</summary>
    /// <param name="parsed">The parsed command line.</param>
    /// <param name="option">The option.</param>
    /// <exception cref="StepException">A value is not of that form (<see cref="ErrorCodes.Usage"/>).</exception>
    public static IReadOnlyList<GuestKey> Read(ParseResult parsed, Option<string[]> option)
    {
        ArgumentNullException.ThrowIfNull(parsed);
        var values = parsed.GetValue(option) ?? [];
        OwnArguments.Hide([.. values.Where(value => value.Split(':', 3) is [_, "key", _]).Select(value => value.Split(':', 3)[2])]);
        return [.. values.Select(GuestKey.Parse)];
    }

    [GeneratedRegex("(?<=^(?:--key[=:])?[^:]+:key:).+$", RegexOptions.Singleline | RegexOptions.CultureInvariant)]
    private static partial Regex Passphrase();
}
