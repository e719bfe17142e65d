using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Selinux;

/// <summary>Gives what the conversion made its SELinux label: a file without one may be read by nobody on an enforcing system, not even by init.</summary>
internal sealed class SelinuxStep : IConversionStep
{
    /// <summary>The file that asks the guest to relabel itself (selinux(8)).</summary>
    public const string Relabel = "/.autorelabel";
    private const string Reason = "the label that the guest's policy gives to this path";

    /// <inheritdoc/>
    public string Concern => "selinux";

    /// <inheritdoc/>
    public void Plan(LinuxGuest guest, StepPlan plan, CancellationToken cancel)
    {
        if (SelinuxSettings.Read(guest.Files) is not { IsEnabled: true } settings)
            return;
        var points = guest.Input.Mounts.Where(mount => mount.Volume.Content == "vfat").Select(mount => mount.MountPoint + "/").ToList();
        var created = CreatedFiles.Of(guest.Files, guest.Plans.SelectMany(other => other.Edits))
            .Where(made => !points.Exists(point => made.Key.StartsWith(point, StringComparison.Ordinal))).ToList();
        if (created.Count == 0)
            return;
        var contexts = guest.Files.Label("/etc") is null ? null : FileContexts.Read(guest.Files, settings.Policy);
        var unknown = created.Where(made => !Label(guest.Files, contexts, plan, made.Key, made.Value)).Select(made => made.Key).ToList();
        if (unknown.Count > 0)
            AskForRelabel(guest.Files, plan, contexts, unknown);
    }

    /// <summary>Plans the label of one; whether it could be told.</summary>
    private static bool Label(IGuestFiles files, FileContexts? contexts, StepPlan plan, string path, LabelledKind kind)
    {
        // What takes the place of another by its name (a new initramfs, a link) gets that one's label, which may be of the administrator's choice.
        var label = files.Label(path) ?? contexts?.Find(path, kind);
        if (label is null)
            return false;
        if (label != FileContexts.None)
            plan.Edit(new LabelFile(path, Reason, label));
        return true;
    }

    private static void AskForRelabel(IGuestFiles files, StepPlan plan, FileContexts? contexts, List<string> unknown)
    {
        var why = contexts is null ? "the guest's files have no labels that can be read, or its policy has no list of them" : "its policy cannot be evaluated for them";
        plan.Warn($"the labels of {unknown.Count} new files ({string.Join(", ", unknown.Take(3))}{(unknown.Count > 3 ? " …" : string.Empty)}) could not be computed: {why}; the guest relabels itself at its first boot, which takes some minutes and restarts it", Relabel);
        if (!files.HasFile(Relabel))
            plan.Edit(new WriteFile(Relabel, "the guest relabels its files at the first boot", ReadOnlyMemory<byte>.Empty));
    }
}
