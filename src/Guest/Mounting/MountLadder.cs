using Hyper2Kvm.Guest.Native;

namespace Hyper2Kvm.Guest.Mounting;

/// <summary>The ways in which a file system is tried, one after the other, and when to give up. Pure.</summary>
internal static class MountLadder
{
    /// <summary>The ways, best first.</summary>
    /// <param name="content">What the volume holds, by blkid's name.</param>
    /// <param name="deviceReadOnly">Whether the disk can only be read: then normal is read-only already.</param>
    public static IReadOnlyList<MountWay> Ways(string content, bool deviceReadOnly)
    {
        var ways = new List<MountWay> { MountWay.Normal };
        if (!deviceReadOnly)
        {
            ways.Add(MountWay.ReadOnly);
        }

        if (FileSystemDriver.PassesOverJournal(content) is not null)
        {
            ways.Add(MountWay.WithoutJournal);
        }

        return ways;
    }

    /// <summary>Whether another way may work where one failed: not where the driver, the mount point or the subvolume is missing, or the host has it mounted.</summary>
    /// <param name="content">What the volume holds.</param>
    /// <param name="errno">What the way failed with.</param>
    public static bool GoesOn(string content, int errno)
        => errno is not (Errno.NoDevice or Errno.NoEntry or Errno.NotDirectory or Errno.TooManyLinks or Errno.NotPermitted)
            && !(content == "btrfs" && errno == Errno.Exists);

    /// <summary>All failures as one text: each way is named, unless all failed alike.</summary>
    /// <param name="failures">The ways that were tried; at least one.</param>
    public static string Describe(IReadOnlyList<MountAttempt> failures)
        => failures.DistinctBy(attempt => attempt.Failure).Count() == 1
            ? failures[0].Failure!
            : string.Join("; ", failures.Select((attempt, index) => index == 0 ? attempt.Failure : $"{Name(attempt.Way)}: {attempt.Failure}"));

    /// <summary>A way in words.</summary>
    /// <param name="way">The way.</param>
    public static string Name(MountWay way) => way switch
    {
        MountWay.Normal => "normal",
        MountWay.ReadOnly => "read-only",
        MountWay.WithoutJournal => "read-only without its journal",
        _ => "forced",
    };
}
