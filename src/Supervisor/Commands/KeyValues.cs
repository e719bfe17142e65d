using Hyper2Kvm.Core.Errors;

namespace Hyper2Kvm.Supervisor.Commands;

/// <summary>Repeated options of the form KEY=VALUE.</summary>
internal static class KeyValues
{
    /// <summary>Reads them; the last of one key counts.</summary>
    /// <param name="option">Name of the option, for messages.</param>
    /// <param name="values">What was given.</param>
    /// <param name="alone">Value of a key that stands alone, as in <c>-oo compressed</c>; where it is missing, that is an error.</param>
    /// <exception cref="StepException">One has no <c>=</c> (<see cref="ErrorCodes.Usage"/>).</exception>
    public static Dictionary<string, string> Read(string option, IEnumerable<string>? values, string? alone = null)
    {
        var read = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var value in values ?? [])
        {
            var equals = value.IndexOf('=');
            if (equals < 0 && value.Length > 0 && alone is not null)
            {
                read[value] = alone;
                continue;
            }

            if (equals <= 0)
            {
                throw new StepException(ErrorCodes.Usage, $"{option} {value} is not of the form KEY=VALUE");
            }

            read[value[..equals]] = value[(equals + 1)..];
        }

        return read;
    }
}
