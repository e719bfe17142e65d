using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Tools;

/// <summary>Takes services of a guest out of service, whatever starts them, without running a program of the guest.</summary>
/// <remarks>
/// A masked unit (a link to <c>/dev/null</c>, systemctl(1)) stays masked through upgrades of its package, unlike a disabled one. Of System V's links those
/// that start go and those that stop stay: without any, the next upgrade would make all of them again (update-rc.d(8)).
/// </remarks>
/// <param name="files">The guest.</param>
/// <param name="reason">Why, for the report.</param>
internal sealed class GuestServices(IGuestFiles files, string reason)
{
    private const string Units = "/etc/systemd/system";
    private const string Mask = "/dev/null";
    private const string Kept = ".before-hyper2kvm";

    private static readonly string[] UnitDirectories = ["/usr/lib/systemd/system", "/lib/systemd/system", Units];
    private static readonly string[] ScriptDirectories = ["/etc/init.d", "/etc/rc.d/init.d"];
    private static readonly string[] Programs = ["/usr/lib/systemd/systemd", "/lib/systemd/systemd"];

    /// <summary>Directories of runlevels: Debian's, Red Hat's, SUSE's. One that is a link to another is looked into once.</summary>
    private readonly List<string> _runlevels =
        [.. new[] { "/etc", "/etc/rc.d", "/etc/init.d" }.SelectMany(top => "0123456S".Select(level => $"{top}/rc{level}.d")).Where(path => files.ReadLink(path) is null && files.HasDirectory(path))];

    private readonly List<string> _wants =
        [.. files.List(Units).Where(name => name.EndsWith(".wants", StringComparison.Ordinal) || name.EndsWith(".requires", StringComparison.Ordinal)).Select(name => $"{Units}/{name}")];

    /// <summary>Whether the guest has a unit, masked or not.</summary>
    /// <param name="unit">Its name with the suffix.</param>
    public bool HasUnit(string unit) => UnitDirectories.Any(directory => Exists($"{directory}/{unit}"));

    /// <summary>Whether the guest has a script or job of this name.</summary>
    /// <param name="name">Its name.</param>
    public bool HasScript(string name) => ScriptDirectories.Any(directory => Exists($"{directory}/{name}")) || Exists(Job(name));

    /// <summary>The edits that keep a unit from being started.</summary>
    /// <param name="unit">Its name with the suffix.</param>
    public IEnumerable<GuestEdit> DisableUnit(string unit)
    {
        var path = $"{Units}/{unit}";
        if (files.ReadLink(path) != Mask)
        {
            if (files.Status(path, followLinks: false)?.Kind == GuestFileKind.File)
                yield return new RenameFile(path, path + Kept, reason);
            yield return new LinkFile(path, Mask, reason);
        }

        foreach (var link in _wants.Select(directory => $"{directory}/{unit}").Where(Exists))
            yield return new DeleteFile(link, reason);
    }

    /// <summary>The edits that keep a script or job from being started.</summary>
    /// <param name="name">Its name.</param>
    public IEnumerable<GuestEdit> DisableScript(string name)
    {
        // systemd makes a unit of every script (systemd-sysv-generator(8)).
        if (Programs.Any(files.HasFile))
        {
            foreach (var edit in DisableUnit($"{name}.service"))
                yield return edit;
        }

        foreach (var link in _runlevels.SelectMany(directory => files.List(directory).Where(link => IsStart(link, name)).Select(link => $"{directory}/{link}")))
            yield return new DeleteFile(link, reason);
        foreach (var link in files.List("/etc/runlevels").Select(level => $"/etc/runlevels/{level}/{name}").Where(Exists))
            yield return new DeleteFile(link, reason);
        if (Exists(Job(name)) && !Exists(Override(name)))
            yield return new WriteFile(Override(name), reason, GuestText.Bytes("manual\n"));
    }

    /// <summary>A job of Upstart (init(5)).</summary>
    private static string Job(string name) => $"/etc/init/{name}.conf";

    private static string Override(string name) => $"/etc/init/{name}.override";

    private static bool IsStart(string link, string name)
        => link.Length > 3 && link[0] == 'S' && char.IsAsciiDigit(link[1]) && char.IsAsciiDigit(link[2]) && link.AsSpan(3).SequenceEqual(name);

    private bool Exists(string path) => files.Status(path, followLinks: false) is not null;
}
