using Hyper2Kvm.Core.Processes;

namespace Hyper2Kvm.Helpers.Convert.Tests.Fakes;

/// <summary>Runs programs of this host in a guest's own tree, which they take for the root.</summary>
internal static class GuestShell
{
    /// <summary>Programs and what they need; not what packages put into <c>/usr/lib</c>.</summary>
    private static readonly string[] Mounted = ["/usr/bin", "/usr/sbin", "/usr/lib/x86_64-linux-gnu", "/usr/lib64"];

    /// <summary>What the service of the first boot does.</summary>
    public static void FirstBoot(SampleGuest guest, string shell)
    {
        guest.Put("/proc/net/route", "Iface\tDestination\tGateway\neth0\t00000000\t0102000A\n");
        Directory.CreateDirectory(guest.Root + "/var/log");
        var result = Run(guest, [.. shell.Split(' '), "/usr/libexec/hyper2kvm/firstboot"]);
        result.Succeeded.Should().BeTrue(result.ErrorText);
    }

    /// <summary>One program.</summary>
    public static CommandResult Run(SampleGuest guest, params string[] command) => Run(guest, [], command);

    /// <summary>One program, with more options of bwrap(1).</summary>
    public static CommandResult Run(SampleGuest guest, IEnumerable<string> options, params string[] command)
    {
        foreach (var name in new[] { "bin", "sbin", "lib64" }.Where(name => !Path.Exists($"{guest.Root}/{name}")))
            File.CreateSymbolicLink($"{guest.Root}/{name}", $"usr/{name}");
        string[] mounts = [.. Mounted.SelectMany(path => new[] { "--ro-bind", path, path })];
        return CommandRunner.Run(new Command("bwrap", ["--bind", guest.Root, "/", .. mounts, "--dev", "/dev", "--unshare-all", "--clearenv", "--setenv", "PATH", "/usr/sbin:/usr/bin", .. options, .. command]));
    }
}
