using System.Text.RegularExpressions;
using Hyper2Kvm.Helpers.Convert.Linux.Boot;
using Hyper2Kvm.Helpers.Convert.Linux.Boot.Loaders;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Initramfs;

/// <summary>Settings with which the guest's next own rebuild of its initramfs keeps the drivers: of every tool that it has.</summary>
internal sealed partial class RebuildSettingsStep : IConversionStep
{
    private const string Comment = "# hyper2kvm: drivers for KVM";
    private const string InitramfsTools = "/etc/initramfs-tools/modules";
    private const string Mkinitcpio = "/etc/mkinitcpio.conf";
    private const string Mkinitfs = "/etc/mkinitfs/mkinitfs.conf";
    private const string Suse = "/etc/sysconfig/kernel";
    private const string ModprobeConf = "/etc/modprobe.conf";
    private const string Dracut = "/etc/dracut.conf.d/hyper2kvm.conf";

    /// <summary>Features of Alpine's mkinitfs that hold the drivers for both virtio buses.</summary>
    private static readonly string[] MkinitfsFeatures = ["virtio", "scsi"];

    /// <summary>What RHEL 5's mkinitrd takes from the aliases of host adapters.</summary>
    private static readonly string[] HostAdapters = ["virtio_pci", "virtio_blk", "virtio_scsi"];

    /// <inheritdoc/>
    public string Concern => "initramfs-settings";

    /// <inheritdoc/>
    public void Plan(LinuxGuest guest, StepPlan plan, CancellationToken cancel)
    {
        var drivers = guest.Block.Modules.Where(name => guest.Kernels.Any(kernel => kernel.Modules.PathOf(name) is not null)).ToList();
        if (drivers.Count == 0)
            return;
        var edits = new TextEdits(guest);
        var tools = new List<string>();
        void Keep(string tool, bool isThere, string path, Func<string, string> rewrite)
        {
            if (!isThere)
                return;
            tools.Add(tool);
            edits.Rewrite(path, $"{tool} keeps the drivers for KVM", rewrite);
        }

        Keep("update-initramfs", guest.Files.HasDirectory("/etc/initramfs-tools"), InitramfsTools, text => ModuleList.With(text, drivers, Comment));
        Keep("mkinitcpio", guest.Files.HasFile(Mkinitcpio), Mkinitcpio, text => WithWords(ArchModules(), text, drivers));
        Keep("mkinitfs", guest.Files.HasFile(Mkinitfs), Mkinitfs, text => WithWords(AlpineFeatures(), text, MkinitfsFeatures));
        Keep("mkinitrd", guest.Files.ReadText(Suse) is { } suse && SuseModules().IsMatch(suse), Suse, text => WithWords(SuseModules(), text, drivers));
        Keep("mkinitrd", guest.Files.HasFile(ModprobeConf) && !guest.Files.HasFile(Suse), ModprobeConf, text => WithHostAdapters(text, drivers.Where(HostAdapters.Contains)));
        Keep("dracut", guest.Files.HasDirectory("/etc/dracut.conf.d") || guest.Files.HasFile("/usr/bin/dracut"), Dracut, _ => $"{Comment}\nadd_drivers+=\" {string.Join(' ', drivers)} \"\n");
        edits.AddTo(plan);
        if (tools.Count == 0)
        {
            plan.Warn(
                "no tool is known with which the guest makes its initramfs; its own next rebuild may leave the drivers out",
                "/etc",
                "Add the virtio drivers to the settings of the tool that it uses.");
        }
    }

    /// <summary>The setting with words added that it lacks; a setting that is not there is left out, since its default holds more than we know.</summary>
    private static string WithWords(Regex setting, string text, IReadOnlyList<string> words)
        => setting.Replace(text, match =>
        {
            var present = match.Groups["words"].Value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            var missing = words.Where(word => !present.Contains(word) && !present.Contains(word.Replace('_', '-'))).ToList();
            return missing.Count == 0 ? match.Value : $"{match.Groups["head"].Value}{string.Join(' ', present.Concat(missing))}{match.Groups["tail"].Value}";
        });

    /// <summary>One more alias for each driver that no host adapter has yet, with the next number.</summary>
    private static string WithHostAdapters(string text, IEnumerable<string> drivers)
    {
        var present = HostAdapter().Matches(text);
        var missing = drivers.Where(driver => present.All(alias => alias.Groups["driver"].Value != driver)).ToList();
        var lines = missing.Select((driver, index) => $"alias scsi_hostadapter{(present.Count + index == 0 ? string.Empty : $"{present.Count + index}")} {driver}\n");
        return missing.Count == 0 ? text : $"{text}{(text.Length == 0 || text.EndsWith('\n') ? string.Empty : "\n")}{string.Concat(lines)}";
    }

    [GeneratedRegex(@"^\s*alias\s+scsi_hostadapter[0-9]*\s+(?<driver>\S+)", RegexOptions.Multiline)]
    private static partial Regex HostAdapter();

    /// <summary>An array since version 22, a string before (mkinitcpio.conf(5)).</summary>
    [GeneratedRegex("""^(?<head>MODULES=[("'])(?<words>[^)"'\n]*)(?<tail>[)"'])""", RegexOptions.Multiline)]
    private static partial Regex ArchModules();

    [GeneratedRegex("""^(?<head>features=["'])(?<words>[^"'\n]*)(?<tail>["'])""", RegexOptions.Multiline)]
    private static partial Regex AlpineFeatures();

    [GeneratedRegex("""^(?<head>INITRD_MODULES=["'])(?<words>[^"'\n]*)(?<tail>["'])""", RegexOptions.Multiline)]
    private static partial Regex SuseModules();
}
