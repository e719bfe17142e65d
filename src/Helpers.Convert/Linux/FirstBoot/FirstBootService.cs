using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.FirstBoot;

/// <summary>The program that runs the queue, and what starts it: a service that is started when all else is, and that nothing waits for.</summary>
internal static class FirstBootService
{
    private const string Reason = "runs what is queued for the first boot, and takes itself away";
    private const string Name = "hyper2kvm-firstboot";
    private const string Runner = "/usr/libexec/hyper2kvm/firstboot"; // bin_t in SELinux policies, whose domain is unconfined when init starts it
    private const uint Executable = 0x1ED;

    /// <summary>The edits that put it into the guest; none where it is there.</summary>
    /// <param name="files">The guest.</param>
    /// <param name="init">What starts its services.</param>
    public static IEnumerable<GuestEdit> Edits(IGuestFiles files, InitSystem init)
    {
        (string, string, uint)[] written = init switch
        {
            InitSystem.Systemd => [($"/etc/systemd/system/{Name}.service", "firstboot.service", 0x1A4)],
            InitSystem.OpenRc => [($"/etc/init.d/{Name}", "firstboot.openrc", Executable)],
            _ => [($"/etc/init.d/{Name}", "firstboot.sysv", Executable)],
        };
        (string, string)[] links = init switch
        {
            InitSystem.Systemd => [($"/etc/systemd/system/multi-user.target.wants/{Name}.service", $"/etc/systemd/system/{Name}.service")],
            InitSystem.OpenRc => [($"/etc/runlevels/default/{Name}", $"/etc/init.d/{Name}")],
            _ => [.. "2345".Select(level => ($"/etc/rc{level}.d/S99{Name}", $"../init.d/{Name}"))],
        };
        foreach (var (path, source, mode) in written.Prepend((Runner, "firstboot.sh", Executable)))
        {
            var content = GuestText.Bytes(EmbeddedText.Read(source));
            if (!files.HasFile(path) || !files.ReadBounded(path, 1 << 20).AsSpan().SequenceEqual(content))
                yield return new WriteFile(path, Reason, content) { Mode = mode };
        }

        foreach (var (path, target) in links.Where(link => files.ReadLink(link.Item1) != link.Item2))
            yield return new LinkFile(path, target, Reason);
    }
}
