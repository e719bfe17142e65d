using System.Text.RegularExpressions;
using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Devices;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Customise;

/// <summary><c>--hostname NAME</c>: where each distribution keeps it, and in /etc/hosts where the old one stood.</summary>
internal static partial class HostName
{
    private const int LongestName = 64; // HOST_NAME_MAX
    private const string Common = "/etc/hostname"; // systemd, Debian, Alpine, Arch
    private const string Suse = "/etc/HOSTNAME"; // SLES 11
    private const string RedHat = "/etc/sysconfig/network"; // RHEL 6 and older
    private const string Reason = "--hostname";

    /// <summary>Sets it.</summary>
    /// <param name="files">The guest's files.</param>
    /// <param name="operation">With the name.</param>
    /// <param name="plan">Where a warning goes.</param>
    /// <exception cref="StepException">It is no host name (<see cref="ErrorCodes.ConvertCustomise"/>).</exception>
    public static void Set(CustomisedFiles files, JobCustomisation operation, StepPlan plan)
    {
        var name = operation.Value ?? string.Empty;
        if (name.Length > LongestName || !Valid().IsMatch(name))
            throw new StepException(ErrorCodes.ConvertCustomise, $"--hostname {name}: this is no host name", $"Labels of letters, digits and dashes, with dots between them, at most {LongestName} characters (RFC 1123).");
        var network = files.Resolve(RedHat);
        var old = NameIn(files.Text(files.Resolve(Common))) ?? NameIn(files.Text(files.Resolve(Suse))) ?? Assigned().Match(files.Text(network) ?? string.Empty).Groups["name"].Value.Trim('"');
        var isRedHat = files.Text(network) is { } text && Assigned().IsMatch(text);
        if (isRedHat)
            Put(files, network, Assigned().Replace(files.Text(network)!, $"HOSTNAME={name}"));
        var isSuse = files.Kind(Suse) == GuestFileKind.File;
        if (isSuse)
            Put(files, files.Resolve(Suse), name + "\n");
        if (files.Kind(files.Resolve(Common)) == GuestFileKind.File || !(isRedHat || isSuse))
            Put(files, files.Resolve(Common), name + "\n");
        if (old != string.Empty && old.Split('.')[0] != "localhost")
            RenameInHosts(files, old, name);
        if (files.Kind("/etc/cloud/cloud.cfg") == GuestFileKind.File)
            plan.Note("cloud-init may set another host name at boot, where a data source gives it one", "/etc/cloud/cloud.cfg", "preserve_hostname: true keeps it.");
    }

    private static string? NameIn(string? text)
        => text?.Split('\n').Select(line => line.Trim()).FirstOrDefault(line => line.Length > 0 && !line.StartsWith('#'));

    private static void RenameInHosts(CustomisedFiles files, string old, string name)
    {
        var path = files.Resolve("/etc/hosts");
        if (files.Text(path) is not { } text)
            return;
        var renamed = TextLines.Map(text, line =>
        {
            var comment = line.IndexOf('#');
            var entry = comment < 0 ? line : line[..comment];
            return Word().Replace(entry, word => word.Index == 0 ? word.Value : Renamed(word.Value, old, name)) + line[entry.Length..];
        });
        Put(files, path, renamed);
    }

    /// <summary>An alias of /etc/hosts: the old name, its first label alone, or, where the old name has no domain, with one.</summary>
    private static string Renamed(string alias, string old, string name)
    {
        var (oldShort, nameShort) = (old.Split('.')[0], name.Split('.')[0]);
        return alias == old ? name
            : alias == oldShort ? nameShort
            : old == oldShort && alias.StartsWith(old + ".", StringComparison.Ordinal) ? (name == nameShort ? name + alias[old.Length..] : name)
            : alias;
    }

    private static void Put(CustomisedFiles files, string path, string text)
        => files.Put(path, new CustomisedFile(GuestFileKind.File) { Content = GuestText.Bytes(text), Reason = Reason });

    [GeneratedRegex("^(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)(?:\\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*\\z", RegexOptions.CultureInvariant)]
    private static partial Regex Valid();

    [GeneratedRegex("^HOSTNAME=(?<name>[^\\r\\n]*)", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Assigned();

    [GeneratedRegex("[^ \\t\\r]+", RegexOptions.CultureInvariant)]
    private static partial Regex Word();
}
