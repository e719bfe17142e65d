using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Keys;
using Hyper2Kvm.Guest.Mounting;

namespace Hyper2Kvm.Guest.Volumes;

/// <summary>What to tell where a volume is needed and stays closed: encrypted, or of a manager that is not opened here.</summary>
internal static class LockedVolumes
{
    /// <summary>blkid's name of a LUKS container.</summary>
    public const string Luks = "crypto_LUKS";

    /// <summary>blkid's name of a BitLocker volume.</summary>
    public const string BitLocker = "BitLocker";

    /// <summary>Name of a part of a Windows dynamic disk (Logical Disk Manager); blkid has none.</summary>
    public const string DynamicDisk = "LDM";

    /// <summary>The failure; <see langword="null"/> where the volume is not locked.</summary>
    /// <param name="volume">A volume.</param>
    public static ErrorCode? CodeOf(GuestVolume? volume) => volume?.Lock switch
    {
        VolumeLock.NoKey => ErrorCodes.ConvertLocked,
        VolumeLock.WrongKey => ErrorCodes.ConvertKey,
        VolumeLock.Unsupported => ErrorCodes.ConvertUnsupported,
        _ => null,
    };

    /// <summary>What to do; <see langword="null"/> where the volume is not locked.</summary>
    /// <param name="volume">A volume.</param>
    public static string? RemedyOf(GuestVolume? volume) => volume switch
    {
        { Lock: VolumeLock.NoKey } => $"Give the passphrase of {volume.Device}: --key {IdOf(volume)}:file:PATH",
        { Lock: VolumeLock.WrongKey } => $"Check the passphrase of {volume.Device}: --key {IdOf(volume)}:file:PATH",
        { Content: BitLocker } => "Decrypt it in the guest and wait until that is done: manage-bde -off C: (manage-bde -status shows how far it is). A suspended protector is not enough: the data stays encrypted.",
        { Content: DynamicDisk } => "Convert the disk to a basic one in the guest, or move its volumes to a basic disk; libguestfs, whose appliance has ldmtool, can read it as it is.",
        { Lock: VolumeLock.Unsupported } => "Decrypt it in the guest, or change there what is named, and export it again.",
        _ => null,
    };

    /// <summary>Whether a key is given for a volume that is encrypted, open or not.</summary>
    /// <param name="key">The key.</param>
    /// <param name="volume">The volume.</param>
    /// <param name="volumes">All volumes, which keys may name.</param>
    public static bool IsMeant(GuestKey key, GuestVolume volume, IReadOnlyList<GuestVolume> volumes)
        => volume.Content is Luks or BitLocker
            && (key.Id == GuestKey.AllVolumes
                || string.Equals(key.Id, volume.Uuid, StringComparison.OrdinalIgnoreCase)
                || ReferenceEquals(DeviceSpec.Resolve(key.Id, volumes), volume));

    /// <summary>What to call it in <c>--key</c>. A UUID is the guest's text: what is none is not put into a command for people to copy.</summary>
    private static string IdOf(GuestVolume volume) => Guid.TryParseExact(volume.Uuid, "D", out var uuid) ? uuid.ToString() : volume.Device;
}
