namespace Hyper2Kvm.Guest.Volumes.Lvm;

/// <summary>A physical volume that was found on the disks.</summary>
/// <param name="Device">The volume that it is, for messages: <c>/dev/sda2</c>.</param>
/// <param name="Map">Where its bytes are.</param>
/// <param name="Id">Its identifier, 32 characters.</param>
/// <param name="Group">The group that its own newest sound text describes; <see langword="null"/> where it has none (the text may be on the others alone).</param>
/// <param name="Problem">What is wrong with its metadata, for people.</param>
internal sealed record LvmDisk(string Device, VolumeMap Map, string Id, LvmGroup? Group, string? Problem)
{
    /// <summary>Reads a physical volume.</summary>
    /// <param name="device">Its name, for messages.</param>
    /// <param name="map">Where its bytes are.</param>
    /// <param name="problem">What is wrong with it, where it is none or damaged.</param>
    public static LvmDisk? Read(string device, VolumeMap map, out string? problem)
    {
        if (LvmLabel.Read(map, out problem) is not { } label)
        {
            return null;
        }

        LvmGroup? newest = null;
        foreach (var (start, length) in label.MetadataAreas)
        {
            if (ReadGroup(map, start, length, ref problem) is { } group && (newest is null || group.SequenceNumber > newest.SequenceNumber))
            {
                newest = group;
            }
        }

        return new LvmDisk(device, map, label.Id, newest, problem);
    }

    private static LvmGroup? ReadGroup(VolumeMap map, long start, long length, ref string? problem)
    {
        try
        {
            if (LvmMetadataArea.ReadText(map, start, length, out var wrong) is { } text)
            {
                return LvmGroup.Parse(text);
            }

            problem ??= wrong;
        }
        catch (FormatException damaged)
        {
            problem ??= damaged.Message;
        }

        return null;
    }
}
