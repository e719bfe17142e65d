using System.Text.RegularExpressions;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;
using Hyper2Kvm.Helpers.Convert.Linux.FirstBoot;

namespace Hyper2Kvm.Helpers.Convert.Linux.Agent;

/// <summary>The service of an installed qemu-guest-agent, and what would start it.</summary>
/// <remarks>
/// Debian, SUSE and Arch ship a unit without <c>WantedBy=</c> and a udev rule that asks for it when the agent's port appears: that is "enabled". RHEL's unit is wanted
/// by the port's device, Fedora's by both. OpenRC wants a link in a runlevel; System V links in rcN.d.
/// </remarks>
internal static partial class AgentService
{
    private const string Reason = "the guest agent answers the target's tools";
    private const string Units = "/etc/systemd/system";
    private const string PortUnit = "dev-virtio\\x2dports-org.qemu.guest_agent.0.device";

    private static readonly string[] Names = ["qemu-guest-agent", "qemu-ga"];
    private static readonly string[] UnitDirectories = [Units, "/usr/lib/systemd/system", "/lib/systemd/system"];
    private static readonly string[] RuleDirectories = ["/etc/udev/rules.d", "/usr/lib/udev/rules.d", "/lib/udev/rules.d"];

    /// <summary>The unit or init script; <see langword="null"/> where the agent is not installed.</summary>
    /// <param name="files">The guest.</param>
    /// <param name="init">What starts its services.</param>
    public static string? Find(IGuestFiles files, InitSystem init)
        => (init == InitSystem.Systemd ? UnitDirectories.SelectMany(directory => Names.Select(name => $"{directory}/{name}.service")) : Names.Select(name => $"/etc/init.d/{name}"))
            .FirstOrDefault(path => files.HasFile(path) || files.ReadLink(path) == "/dev/null");

    /// <summary>Whether its owner has masked it: then it is wanted not to run.</summary>
    /// <param name="files">The guest.</param>
    /// <param name="service">As <see cref="Find"/> gave it.</param>
    public static bool IsMasked(IGuestFiles files, string service) => files.ReadLink(service) == "/dev/null";

    /// <summary>The links that enable it; none where it is enabled.</summary>
    /// <param name="files">The guest.</param>
    /// <param name="init">What starts its services.</param>
    /// <param name="service">As <see cref="Find"/> gave it.</param>
    public static IEnumerable<LinkFile> Enable(IGuestFiles files, InitSystem init, string service)
    {
        var links = init switch
        {
            InitSystem.Systemd => UnitLinks(files, service),
            InitSystem.OpenRc => [($"/etc/runlevels/default/{Name(service)}", service)],
            _ => InitLinks(files, service),
        };
        return links.Where(link => files.Status(link.Path, followLinks: false) is null).Select(link => new LinkFile(link.Path, link.Target, Reason));
    }

    private static IEnumerable<(string Path, string Target)> UnitLinks(IGuestFiles files, string unit)
    {
        var name = Name(unit);
        var wanting = WantedBy().Matches(files.ReadText(unit) ?? string.Empty)
            .SelectMany(match => match.Groups["units"].Value.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            .Where(wanted => UnitName().IsMatch(wanted)).ToList();
        if (wanting.Count == 0 && !RuleDirectories.Any(directory => files.List(directory).Any(rule => Asks(files, $"{directory}/{rule}", name))))
            wanting.Add(PortUnit);
        return wanting.Select(wanted => ($"{Units}/{wanted}.wants/{name}", unit));
    }

    private static bool Asks(IGuestFiles files, string rule, string unit)
        => rule.Contains("qemu", StringComparison.Ordinal)
            && files.ReadText(rule)?.Split('\n').Any(line => !line.TrimStart().StartsWith('#') && line.Contains("SYSTEMD_WANTS", StringComparison.Ordinal) && line.Contains(unit, StringComparison.Ordinal)) == true;

    /// <summary>Links in the levels that the script names itself (chkconfig(8), LSB comment), unless it is started in one already.</summary>
    private static IEnumerable<(string Path, string Target)> InitLinks(IGuestFiles files, string script)
    {
        var name = Name(script);
        if ("2345".Any(level => files.List($"/etc/rc{level}.d").Any(link => link.StartsWith('S') && link.Length > 3 && link[3..] == name)))
            return [];
        var text = files.ReadText(script) ?? string.Empty;
        var header = ChkConfig().Match(text);
        var levels = header.Success ? header.Groups["levels"].Value : LsbLevels().Match(text) is { Success: true } lsb ? lsb.Groups["levels"].Value : "2345";
        var number = header.Success ? header.Groups["start"].Value.PadLeft(2, '0') : "99";
        return levels.Where(level => level is >= '2' and <= '5').Select(level => ($"/etc/rc{level}.d/S{number}{name}", $"../init.d/{name}"));
    }

    private static string Name(string path) => path[(path.LastIndexOf('/') + 1)..];

    [GeneratedRegex(@"^[ \t]*(?:WantedBy|RequiredBy)[ \t]*=[ \t]*(?<units>.*)$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex WantedBy();

    [GeneratedRegex(@"^[A-Za-z0-9:_.@\\-]+\.(?:target|device|service)$", RegexOptions.CultureInvariant)]
    private static partial Regex UnitName();

    [GeneratedRegex(@"^#\s*chkconfig:\s*(?<levels>[0-6]+)\s+(?<start>[0-9]{1,2})\s", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex ChkConfig();

    [GeneratedRegex(@"^#\s*Default-Start:(?<levels>[ \t0-6]+)", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex LsbLevels();
}
