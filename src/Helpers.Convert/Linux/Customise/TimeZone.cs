using System.Text.RegularExpressions;
using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Customise;

/// <summary><c>--timezone ZONE</c>: /etc/localtime, and the files in which distributions keep the zone's name.</summary>
internal static partial class TimeZone
{
    private const string Zones = "/usr/share/zoneinfo";
    private const string Reason = "--timezone";

    /// <summary>Sets it.</summary>
    /// <param name="files">The guest's files.</param>
    /// <param name="operation">With the zone, <c>Europe/Berlin</c>.</param>
    /// <param name="plan">Not used: nothing is left open.</param>
    /// <exception cref="StepException">The guest does not know the zone (<see cref="ErrorCodes.ConvertCustomise"/>).</exception>
    public static void Set(CustomisedFiles files, JobCustomisation operation, StepPlan plan)
    {
        var zone = operation.Value ?? string.Empty;
        var definition = Valid().IsMatch(zone) ? files.Content(files.Resolve($"{Zones}/{zone}")) : null;
        if (definition is null)
            throw new StepException(ErrorCodes.ConvertCustomise, $"--timezone {zone}: the guest has no {Zones}/{zone}", "Take a name such as Europe/Berlin; the guest needs its package tzdata.");

        // RHEL 6 and SLES 11 have a copy, since /usr may be mounted late.
        const string Place = "/etc/localtime";
        files.Put(Place, files.Kind(Place) == GuestFileKind.File
            ? new CustomisedFile(GuestFileKind.File) { Content = definition, IsText = false, Reason = Reason }
            : new CustomisedFile(GuestFileKind.SymbolicLink) { Target = $"..{Zones}/{zone}", Reason = Reason });
        var debian = files.Resolve("/etc/timezone");
        if (files.Kind(debian) == GuestFileKind.File)
            Put(files, debian, zone + "\n");
        var clock = files.Resolve("/etc/sysconfig/clock");
        if (files.Text(clock) is { } text)
            Put(files, clock, Assigned().Replace(text, match => $"{match.Groups["name"].Value}=\"{zone}\""));
    }

    private static void Put(CustomisedFiles files, string path, string text)
        => files.Put(path, new CustomisedFile(GuestFileKind.File) { Content = GuestText.Bytes(text), Reason = Reason });

    [GeneratedRegex("^[A-Za-z0-9_+-]+(?:/[A-Za-z0-9_+-]+)*\\z", RegexOptions.CultureInvariant)]
    private static partial Regex Valid();

    [GeneratedRegex("^(?<name>ZONE|TIMEZONE)=[^\\r\\n]*", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Assigned();
}
