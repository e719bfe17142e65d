using Hyper2Kvm.Helpers.Output.Disks;

namespace Hyper2Kvm.Helpers.Output.Libvirt;

/// <summary>Gives out <c>&lt;target dev=…&gt;</c> names. SCSI and SATA share <c>sd</c>: libvirt wants them unique over both (formatdomain, "target").</summary>
internal sealed class TargetNames
{
    private readonly Dictionary<string, int> _used = new(StringComparer.Ordinal);

    /// <summary>The next free name on a bus.</summary>
    /// <param name="bus">Bus as libvirt names it.</param>
    public string Next(string bus)
    {
        var prefix = bus switch
        {
            "virtio" => "vd",
            "ide" => "hd",
            "fdc" => "fd",
            _ => "sd",
        };
        var index = _used.GetValueOrDefault(prefix);
        _used[prefix] = index + 1;
        return prefix + GuestName.DriveLetters(index);
    }
}
