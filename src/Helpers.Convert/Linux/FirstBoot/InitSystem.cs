using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.FirstBoot;

/// <summary>What starts a guest's services.</summary>
internal enum InitSystem
{
    /// <summary>None that is known.</summary>
    Unknown,

    /// <summary>systemd.</summary>
    Systemd,

    /// <summary>OpenRC (Alpine, Gentoo).</summary>
    OpenRc,

    /// <summary>System V init scripts, also where upstart runs them (RHEL 6).</summary>
    SystemV,
}

/// <summary>Finds out what starts a guest's services.</summary>
internal static class InitSystems
{
    private const string Init = "/sbin/init";

    private static readonly string[] SystemdPrograms = ["/usr/lib/systemd/systemd", "/lib/systemd/systemd"];
    private static readonly string[] OpenRcPrograms = ["/sbin/openrc-run", "/usr/sbin/openrc-run", "/usr/bin/openrc-run"];

    /// <summary>Which one is used. Where systemd is installed beside another (Debian with sysvinit-core), /sbin/init decides.</summary>
    /// <param name="files">The guest.</param>
    public static InitSystem Of(IGuestFiles files)
    {
        var isOther = files.Status(Init) is not null && !GuestPaths.Resolve(files, Init).EndsWith("/systemd", StringComparison.Ordinal);
        return !isOther && SystemdPrograms.Any(files.HasFile) ? InitSystem.Systemd
            : OpenRcPrograms.Any(files.HasFile) && files.HasDirectory("/etc/runlevels") ? InitSystem.OpenRc
            : files.HasDirectory("/etc/init.d") && files.HasDirectory("/etc/rc3.d") ? InitSystem.SystemV
            : InitSystem.Unknown;
    }
}
