using System.Text.RegularExpressions;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Devices;

/// <summary>
/// Frees units of systemd of device names: <c>What=</c> of mounts and swap, and <c>dev-sdb1.device</c> wherever a unit waits for it
/// (systemd.mount(5), systemd.swap(5), systemd.device(5)). A unit that waits for a device that never comes fails after 90 s.
/// </summary>
internal sealed partial class DeviceUnitsStep : IConversionStep
{
    private const string Directory = "/etc/systemd/system";
    private const string Swap = ".swap";
    private const string Reason = "a unit that does not depend on the disk controller";

    /// <inheritdoc/>
    public string Concern => "device-units";

    /// <inheritdoc/>
    public void Plan(LinuxGuest guest, StepPlan plan, CancellationToken cancel)
    {
        foreach (var path in Units(guest.Files))
        {
            if (guest.Files.ReadTextOrWarn(path, plan) is not { } text)
                continue;
            var devices = new DeviceRewriter(guest.Names, path, plan);
            var edit = GuestText.Rewrite(path, Reason, text, before => TextLines.Map(before, line => Rewrite(line, devices)));
            if (path.EndsWith(Swap, StringComparison.Ordinal) && Renamed(path, devices) is { } renamed)
                Move(guest.Files, plan, path, renamed, (edit as WriteFile)?.Content ?? GuestText.Bytes(text));
            else
                plan.Edit(edit);
        }
    }

    /// <summary>The administrator's own units and their drop-ins; those of packages name no disk.</summary>
    private static IEnumerable<string> Units(IGuestFiles files)
    {
        foreach (var path in files.List(Directory).Select(name => $"{Directory}/{name}"))
        {
            if (files.Status(path, followLinks: false)?.Kind == GuestFileKind.File)
                yield return path;
            else if (path.EndsWith(".d", StringComparison.Ordinal))
            {
                foreach (var dropIn in files.List(path).Where(name => name.EndsWith(".conf", StringComparison.Ordinal)))
                    yield return $"{path}/{dropIn}";
            }
        }
    }

    private static string Rewrite(string line, DeviceRewriter devices)
    {
        if (What().Match(line) is { Success: true } what)
            return what.Groups["head"].Value + devices.ReplacePath(what.Groups["device"].Value, line) + what.Groups["tail"].Value;
        return Dependency().IsMatch(line) ? DeviceUnit().Replace(line, unit => Escaped(unit.Groups["name"].Value, line, devices) + unit.Groups["suffix"].Value) : line;
    }

    private static string Escaped(string name, string line, DeviceRewriter devices)
        => UnitName.Unescape(name) is var path && devices.ReplacePath(path, line) is var replaced && replaced != path ? UnitName.Escape(replaced) : name;

    /// <summary>A unit of swap must have the name of its device.</summary>
    private static string? Renamed(string path, DeviceRewriter devices)
    {
        var name = path[(Directory.Length + 1)..^Swap.Length];
        return Escaped(name, path, devices) is var renamed && renamed != name ? renamed + Swap : null;
    }

    private static void Move(IGuestFiles files, StepPlan plan, string path, string renamed, ReadOnlyMemory<byte> content)
    {
        var name = path[(Directory.Length + 1)..];
        plan.Edit(new WriteFile($"{Directory}/{renamed}", Reason, content));
        plan.Edit(new DeleteFile(path, $"it is called {renamed} now, after its device"));
        foreach (var directory in files.List(Directory).Where(entry => entry.EndsWith(".wants", StringComparison.Ordinal) || entry.EndsWith(".requires", StringComparison.Ordinal)))
        {
            if (files.ReadLink($"{Directory}/{directory}/{name}") is null)
                continue;
            plan.Edit(new LinkFile($"{Directory}/{directory}/{renamed}", $"{Directory}/{renamed}", Reason));
            plan.Edit(new DeleteFile($"{Directory}/{directory}/{name}", $"it is called {renamed} now, after its device"));
        }
    }

    [GeneratedRegex(@"^(?<head>\s*What\s*=\s*)(?<device>/dev/\S+)(?<tail>\s*)$")]
    private static partial Regex What();

    [GeneratedRegex(@"^\s*(?:Requires|Requisite|Wants|BindsTo|PartOf|Upholds|After|Before|WantedBy|RequiredBy|Conflicts)\s*=")]
    private static partial Regex Dependency();

    [GeneratedRegex(@"(?<=[\s=])(?<name>dev-[^\s]+)(?<suffix>\.(?:device|swap))(?=\s|$)")]
    private static partial Regex DeviceUnit();
}
