namespace Hyper2Kvm.Guest.Mounting;

/// <summary>How file systems of a guest are to be mounted.</summary>
public sealed record MountOptions
{
    /// <summary>For looking: nothing is written, neither by us nor by the kernel; a journal that was left dirty is passed over.</summary>
    public static MountOptions ReadOnly { get; } = new();

    /// <summary>For writing. A file system that the system needs and that can only be read is a failure then.</summary>
    public static MountOptions ForWriting { get; } = new() { Writable = true };

    /// <summary>Mount for writing.</summary>
    public bool Writable { get; init; }

    /// <summary>Write though the guest is hibernated, or Windows did not let go of an NTFS volume cleanly. The hibernated session is lost.</summary>
    public bool ForceHibernated { get; init; }
}
