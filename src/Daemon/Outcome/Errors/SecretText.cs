using System.Text.RegularExpressions;

namespace Hyper2Kvm.Daemon.Outcome.Errors;

/// <summary>Takes out of a line what nobody may read who only may read logs. The programs write none of it; this is the second wall.</summary>
internal static partial class SecretText
{
    /// <summary>The line without passphrases of <c>--key ID:key:PASSPHRASE</c> (all to the end of the line: it may hold blanks) and passwords in addresses.</summary>
    /// <param name="line">One line.</param>
    public static string Redact(string line) => AddressPassword().Replace(Passphrase().Replace(line, "…"), "…");

    [GeneratedRegex("(?<=[^\\s:]:key:).+", RegexOptions.CultureInvariant)]
    private static partial Regex Passphrase();

    [GeneratedRegex("(?<=[a-z]://[^\\s/:@]*:)[^\\s/@]+(?=@)", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex AddressPassword();
}
