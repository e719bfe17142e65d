namespace Hyper2Kvm.Guest;

/// <summary>What mounts the file systems of a guest.</summary>
public enum GuestBackend
{
    /// <summary>Direct where this process can do it, else the appliance.</summary>
    Auto,

    /// <summary>This host: its kernel as root, FUSE drivers as an ordinary user.</summary>
    Direct,

    /// <summary>libguestfs: a small virtual machine that has the guest's disks.</summary>
    Appliance,
}
