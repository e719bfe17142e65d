using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Tools;

/// <summary>Takes open-vm-tools out of service without removing its package: that would run programs of the guest.</summary>
/// <remarks>
/// A masked unit (a link to <c>/dev/null</c>, systemctl(1)) stays masked through upgrades of the package, unlike a disabled one.
/// Its kernel modules (vmw_balloon, vmw_vmci, vmwgfx) load by hardware that is not there any more.
/// </remarks>
internal sealed class OpenVmToolsStep : IConversionStep
{
    private const string Units = "/etc/systemd/system";
    private const string Mask = "/dev/null";
    private const string Reason = "VMware Tools have no host to talk to any more";

    private static readonly string[] Services = ["open-vm-tools.service", "vgauth.service", "vmtoolsd.service", "vgauthd.service", "run-vmblock\\x2dfuse.mount"];
    private static readonly string[] InitScripts = ["open-vm-tools", "vmware-tools"];

    /// <inheritdoc/>
    public string Concern => "vmware-tools";

    /// <inheritdoc/>
    public void Plan(LinuxGuest guest, StepPlan plan, CancellationToken cancel)
    {
        var files = guest.Files;
        var installed = Services.Where(name => Exists(files, $"/usr/lib/systemd/system/{name}") || Exists(files, $"/lib/systemd/system/{name}") || Exists(files, $"{Units}/{name}")).ToList();
        foreach (var unit in installed.Where(name => files.ReadLink($"{Units}/{name}") != Mask))
            plan.Edit(new LinkFile($"{Units}/{unit}", Mask, Reason));
        foreach (var link in WantsLinks(files).Concat(InitLinks(files)))
            plan.Edit(new DeleteFile(link, Reason));
        if (plan.Edits.Count > 0)
            plan.Note("open-vm-tools are out of service; the package is still installed", hint: "Remove it once the guest runs: apt purge open-vm-tools");
        if (Exists(files, "/usr/bin/vmware-uninstall-tools.pl"))
            plan.Warn("VMware Tools from VMware's archive are installed and were left alone", "/usr/bin/vmware-uninstall-tools.pl", "Run this program in the guest to remove them.");
    }

    private static bool Exists(IGuestFiles files, string path) => files.Status(path, followLinks: false) is not null;

    private static IEnumerable<string> WantsLinks(IGuestFiles files)
        => files.List(Units)
            .Where(name => name.EndsWith(".wants", StringComparison.Ordinal) || name.EndsWith(".requires", StringComparison.Ordinal))
            .Select(name => $"{Units}/{name}")
            .Where(files.HasDirectory)
            .SelectMany(directory => files.List(directory).Where(Services.Contains).Select(name => $"{directory}/{name}"));

    /// <summary>Start and stop links of System V init, <c>S01open-vm-tools</c>.</summary>
    private static IEnumerable<string> InitLinks(IGuestFiles files)
        => "0123456S".Select(level => $"/etc/rc{level}.d")
            .SelectMany(directory => files.List(directory)
                .Where(name => name.Length > 3 && name[0] is 'S' or 'K' && InitScripts.Contains(name[3..]))
                .Select(name => $"{directory}/{name}"));
}
