namespace Hyper2Kvm.Guest;

/// <summary>Why an encrypted volume was not opened.</summary>
public enum VolumeLock
{
    /// <summary>It is not encrypted, or what is in it is a volume of its own.</summary>
    None,

    /// <summary>No key was given for it.</summary>
    NoKey,

    /// <summary>None of the keys that were given for it fits.</summary>
    WrongKey,

    /// <summary>It cannot be opened here, whatever the key: its <see cref="GuestVolume.Problem"/> says what helps.</summary>
    Unsupported,
}
