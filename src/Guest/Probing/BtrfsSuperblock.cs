using System.Buffers.Binary;
using Hyper2Kvm.Guest.Attach;

namespace Hyper2Kvm.Guest.Probing;

/// <summary>What of a btrfs's superblock decides whether it may be mounted (struct btrfs_super_block, at 64 KiB).</summary>
internal static class BtrfsSuperblock
{
    private const int Offset = 64 * 1024;
    private const int DevicesOffset = 0x88; // num_devices

    /// <summary>Why it may not be mounted; <see langword="null"/> for one on a single device.</summary>
    /// <param name="volume">The volume that holds it.</param>
    /// <remarks>
    /// The kernel finds the other devices of a btrfs by the UUID that their superblocks share, among all block devices that the host ever scanned: it would write
    /// to a clone of this guest's disk, or to a disk that only claims to belong to it. There is no mount option that names all devices and forbids others.
    /// </remarks>
    public static string? Obstacle(IDiskReader volume)
    {
        var count = new byte[sizeof(ulong)];
        _ = volume.ReadAt(count, Offset + DevicesOffset);
        var devices = BinaryPrimitives.ReadUInt64LittleEndian(count);
        return devices > 1
            ? $"a btrfs of {devices} devices, which are not opened here: this host's kernel would look for the others on the whole host (leave it one device in the guest: btrfs device remove; or move it to LVM)"
            : null;
    }
}
