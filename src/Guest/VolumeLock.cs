namespace Hyper2Kvm.Guest;

/// <summary>Why a volume that is encrypted, or part of what is not opened here, stays closed.</summary>
public enum VolumeLock
{
    /// <summary>It is open to be read: not encrypted, or what is in it is a volume of its own.</summary>
    None,

    /// <summary>No key was given for it.</summary>
    NoKey,

    /// <summary>None of the keys that were given for it fits.</summary>
    WrongKey,

    /// <summary>It cannot be opened here, whatever the key: its <see cref="GuestVolume.Problem"/> says what helps.</summary>
    Unsupported,
}
