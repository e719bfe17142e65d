using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Devices;

/// <summary>
/// Keeps LVM's filters from hiding the guest's physical volumes under their new names (lvm.conf(5), <c>devices/filter</c>): a filter
/// that accepts <c>/dev/sda</c> and rejects the rest leaves a guest without its root.
/// </summary>
/// <remarks>
/// A filter that sees the volumes as it is stays. Otherwise a pattern for the kernel's names is put first: links such as by-id are made
/// by the same udev event in which LVM already looks.
/// </remarks>
internal sealed class LvmFilterStep : IConversionStep
{
    /// <summary>What to do about a filter that is not understood.</summary>
    public const string Remedy = "See to it that it accepts /dev/vda and /dev/sda, or the guest may not find its volumes.";

    /// <summary>Disks on virtio-blk, and on virtio-scsi or SATA: people move them later.</summary>
    private static readonly string[] TargetPrefixes = ["vd", "sd"];
    private const string AnyPrefix = "[sv]d";
    private static readonly string[] Paths = ["/etc/lvm/lvm.conf", "/etc/lvm/lvmlocal.conf"];

    /// <inheritdoc/>
    public string Concern => "lvm-filter";

    /// <inheritdoc/>
    public void Plan(LinuxGuest guest, StepPlan plan, CancellationToken cancel)
    {
        foreach (var path in Paths)
        {
            if (guest.Files.ReadText(path) is not { } text)
                continue;
            try
            {
                plan.Edit(GuestText.Rewrite(path, "LVM sees the physical volumes under the names that they have on the target", text, before => Rewrite(before, guest.Input.Volumes)));
            }
            catch (FormatException unread)
            {
                plan.Warn($"the filter was not understood and left as it is: {unread.Message}", path, Remedy);
            }
        }
    }

    /// <summary>Rewrites lvm.conf, in <c>/etc</c> or inside an initramfs.</summary>
    /// <param name="text">Its text.</param>
    /// <param name="volumes">All volumes of the guest.</param>
    /// <exception cref="FormatException">A filter cannot be read.</exception>
    public static string Rewrite(string text, IReadOnlyList<GuestVolume> volumes)
    {
        // From the last to the first, so that places in the text stay.
        foreach (var filter in LvmFilter.Of(text).Reverse())
        {
            var hidden = volumes.Where(volume => volume is { Content: "LVM2_member", Kind: VolumeKind.Plain })
                .Where(volume => TargetPrefixes.Any(prefix => !filter.Accepts([VolumeNames.KernelName(prefix, volume)])))
                .Select(volume => $"\"a|^{VolumeNames.KernelName(AnyPrefix, volume)}$|\"")
                .ToList();
            if (hidden.Count > 0)
                text = With(text, filter.Value.Index, filter.Value.Length, string.Join(", ", hidden));
        }

        return text;
    }

    private static string With(string text, int start, int length, string patterns)
        => text[start] == '['
            ? text.Insert(start + 1, $" {patterns},")
            : $"{text[..start]}[ {patterns}, {text.Substring(start, length)} ]{text[(start + length)..]}";
}
