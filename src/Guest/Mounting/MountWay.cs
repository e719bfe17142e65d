namespace Hyper2Kvm.Guest.Mounting;

/// <summary>How a file system was mounted, from the best way to the last resort.</summary>
public enum MountWay
{
    /// <summary>As asked for; a journal that was left dirty is replayed where the disk may be written.</summary>
    Normal,

    /// <summary>Read-only on a device that cannot be written, so that nothing is recovered; a dirty journal refuses this way.</summary>
    ReadOnly,

    /// <summary>Read-only with the journal passed over: ext4 <c>noload</c>, XFS <c>norecovery</c>, btrfs <c>rescue=nologreplay</c>. What was only in the journal is missing.</summary>
    WithoutJournal,

    /// <summary>For writing though the volume is hibernated or dirty, because it was asked for: the state that the guest kept aside is thrown away.</summary>
    Forced,
}
