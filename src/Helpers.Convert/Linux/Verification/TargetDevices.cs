using System.Text.RegularExpressions;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Guest.Mounting;
using Hyper2Kvm.Helpers.Convert.Linux.Devices;

namespace Hyper2Kvm.Helpers.Convert.Linux.Verification;

/// <summary>Tells whether a name of a volume means one on the target.</summary>
/// <param name="volumes">All volumes of the guest.</param>
/// <param name="naming">Names of encrypted volumes.</param>
/// <param name="diskPrefix">What the target's kernel calls its disks, <c>vd</c>.</param>
/// <param name="mapped">Names that the guest makes itself.</param>
internal sealed partial class TargetDevices(IReadOnlyList<GuestVolume> volumes, DiskNaming naming, string diskPrefix, IReadOnlySet<string> mapped)
{
    /// <summary>All volumes of the guest.</summary>
    public IReadOnlyList<GuestVolume> Volumes => volumes;

    /// <summary>Why the name means no volume on the target; <see langword="null"/> where it does, or is the name of something else.</summary>
    /// <param name="name"><c>UUID=…</c>, <c>/dev/vda1</c>, <c>/dev/mapper/…</c>; whatever fstab or a kernel argument has.</param>
    public NameProblem? Problem(string name)
    {
        if (SourceDevice.Parse(name) is { } device)
        {
            return device.Family != diskPrefix ? new NameProblem($"{name} is a name of the old machine's disks; the target's are /dev/{diskPrefix}a and so on", "Convert the guest, or name the volume by its UUID in it.")
                : volumes.Any(volume => volume.Kind == VolumeKind.Plain && volume.Disk == device.Disk && volume.Partition == device.Partition) ? null
                : Missing(name);
        }

        return !MeansVolume().IsMatch(name) || RemovableDrive.Is(name) || MadeByKernel().IsMatch(name) || mapped.Contains(name) || DeviceSpec.Resolve(Unquoted(name), volumes, naming) is not null ? null : Missing(name);
    }

    private static NameProblem Missing(string name) => NameProblem.Missing($"no volume of the guest is {name}");

    /// <summary>UUID="…" is the same as UUID=… (mount(8)).</summary>
    private static string Unquoted(string name) => name.Replace("\"", string.Empty, StringComparison.Ordinal);

    [GeneratedRegex("^(?:/dev/|(?:UUID|LABEL|PARTUUID|PARTLABEL)=)", RegexOptions.CultureInvariant)]
    private static partial Regex MeansVolume();

    /// <summary>Devices that no disk holds, or that a service of the guest brings from elsewhere.</summary>
    [GeneratedRegex("^/dev/(?:nfs$|ram|zram|loop|nbd|rbd|drbd|fuse|shm|root$|zvol/|etherd/)", RegexOptions.CultureInvariant)]
    private static partial Regex MadeByKernel();
}
