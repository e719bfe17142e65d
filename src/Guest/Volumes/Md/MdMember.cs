namespace Hyper2Kvm.Guest.Volumes.Md;

/// <summary>A member of an array that was found on the disks.</summary>
/// <param name="Device">The volume that it is, for messages: <c>/dev/sda2</c>.</param>
/// <param name="Map">Where its bytes are.</param>
/// <param name="Superblock">What it says.</param>
internal sealed record MdMember(string Device, VolumeMap Map, MdSuperblock Superblock)
{
    /// <summary>Reads a member's superblock, of any version.</summary>
    /// <param name="device">Its name, for messages.</param>
    /// <param name="map">Where its bytes are.</param>
    /// <param name="problem">What is wrong with it, where it has none.</param>
    public static MdMember? Read(string device, VolumeMap map, out string? problem)
    {
        problem = null;
        if ((MdSuperblock1.Read(map, ref problem) ?? MdSuperblock0.Read(map, ref problem)) is { } superblock)
        {
            return new MdMember(device, map, superblock);
        }

        problem ??= "it has no md superblock that can be read";
        return null;
    }

    /// <summary>Its data.</summary>
    /// <param name="length">How much of it, bytes; no more than <see cref="MdSuperblock.DataLength"/>.</param>
    public VolumeMap Data(long length) => Map.Slice(Superblock.DataOffset, length);
}
