namespace Hyper2Kvm.Daemon.Watching;

/// <summary>What a file name stands for.</summary>
/// <param name="Role">What part it has in a guest.</param>
/// <param name="InputType">Input that reads it (<c>-i</c>); none where it is no source.</param>
internal readonly record struct FileType(FileRole Role, string? InputType);

/// <summary>What part a file has in a guest, by its name.</summary>
internal enum FileRole
{
    /// <summary>Nobody knows; it may still be named by a description.</summary>
    Unknown,

    /// <summary>A disk, or a part of one.</summary>
    Disk,

    /// <summary>A guest in one file.</summary>
    Appliance,

    /// <summary>Describes a guest, and names its disks.</summary>
    Guest,

    /// <summary>Goes with the description beside which it stands.</summary>
    Companion,

    /// <summary>Options of the job, for the guest whose name it bears.</summary>
    SideFile,
}
