namespace Hyper2Kvm.Guest.Inspection;

/// <summary>Finds the tools that hypervisors have in a guest, by the files that they are known by.</summary>
public static class HypervisorTools
{
    private static readonly (string Name, string[] Paths)[] Known =
    [
        ("open-vm-tools", ["/usr/bin/vmtoolsd", "/usr/lib/systemd/system/open-vm-tools.service", "/lib/systemd/system/open-vm-tools.service"]),
        ("vmware-tools", ["/usr/bin/vmware-uninstall-tools.pl"]),
        ("virtualbox-guest-additions", ["/usr/sbin/VBoxService", "/usr/bin/VBoxClient", "/opt/VBoxGuestAdditions"]),
        ("hyperv-daemons", ["/usr/sbin/hv_kvp_daemon", "/usr/sbin/hypervkvpd", "/usr/sbin/hv_vss_daemon"]),
        ("xe-guest-utilities", ["/usr/sbin/xe-daemon", "/usr/sbin/xe-linux-distribution"]),
        ("qemu-guest-agent", ["/usr/sbin/qemu-ga", "/usr/bin/qemu-ga"]),
    ];

    /// <summary>The names of those that are installed.</summary>
    /// <param name="files">The system, its <c>/usr</c> in its place.</param>
    public static IReadOnlyList<string> Find(IGuestFiles files)
    {
        ArgumentNullException.ThrowIfNull(files);
        return [.. Known.Where(tool => tool.Paths.Any(path => Exists(files, path))).Select(tool => tool.Name)];
    }

    private static bool Exists(IGuestFiles files, string path)
    {
        try
        {
            // VirtualBox's own installer puts its version in the directory's name.
            return files.Status(path) is not null
                || (path.StartsWith("/opt/", StringComparison.Ordinal) && files.List("/opt").Any(name => name.StartsWith(path["/opt/".Length..] + "-", StringComparison.Ordinal)));
        }
        catch (GuestFileException)
        {
            return false;
        }
    }
}
