using Hyper2Kvm.Guest;

namespace Hyper2Kvm.Helpers.Convert.Linux.Edits;

/// <summary>One change that a step wants in the guest. Deciding makes these; <see cref="EditApplier"/> does them.</summary>
/// <param name="Path">File of the guest, absolute.</param>
/// <param name="Reason">Why, in a sentence for people.</param>
internal abstract record GuestEdit(string Path, string Reason);

/// <summary>Write a file whole.</summary>
/// <param name="Path">File of the guest.</param>
/// <param name="Reason">Why.</param>
/// <param name="Content">New content.</param>
/// <param name="IsText">Whether the report shows the lines that change.</param>
internal sealed record WriteFile(string Path, string Reason, ReadOnlyMemory<byte> Content, bool IsText = true) : GuestEdit(Path, Reason)
{
    /// <summary>Permission bits where the file does not exist yet.</summary>
    public uint Mode { get; init; } = 0x1A4;

    /// <summary>Owner of a file that does not exist yet, where that is not root.</summary>
    public FileOwner? Owner { get; init; }

    /// <summary>The path that the report names, where the file is written beside it and renamed.</summary>
    public string? ReportedPath { get; init; }
}

/// <summary>Make a directory.</summary>
/// <param name="Path">The directory.</param>
/// <param name="Reason">Why.</param>
/// <param name="Mode">Its permission bits.</param>
/// <param name="Owner">Its owner, where that is not root.</param>
internal sealed record MakeDirectory(string Path, string Reason, uint Mode = 0x1ED, FileOwner? Owner = null) : GuestEdit(Path, Reason);

/// <summary>Give a file or directory other permission bits.</summary>
/// <param name="Path">File of the guest.</param>
/// <param name="Reason">Why.</param>
/// <param name="Mode">Its permission bits.</param>
internal sealed record ChangeMode(string Path, string Reason, uint Mode) : GuestEdit(Path, Reason);

/// <summary>Give a file, directory or link that the conversion made its SELinux label.</summary>
/// <param name="Path">File of the guest.</param>
/// <param name="Reason">Why.</param>
/// <param name="Label">The label.</param>
internal sealed record LabelFile(string Path, string Reason, string Label) : GuestEdit(Path, Reason);

/// <summary>Remove a file, a link, or a directory with all that is in it.</summary>
/// <param name="Path">File of the guest.</param>
/// <param name="Reason">Why.</param>
internal sealed record DeleteTree(string Path, string Reason) : GuestEdit(Path, Reason);

/// <summary>Remove a file or link.</summary>
/// <param name="Path">File of the guest.</param>
/// <param name="Reason">Why.</param>
internal sealed record DeleteFile(string Path, string Reason) : GuestEdit(Path, Reason);

/// <summary>Rename inside one file system.</summary>
/// <param name="Path">File of the guest.</param>
/// <param name="Target">Its new name.</param>
/// <param name="Reason">Why.</param>
internal sealed record RenameFile(string Path, string Target, string Reason) : GuestEdit(Path, Reason);

/// <summary>Make a symbolic link, replacing what has its name.</summary>
/// <param name="Path">Where the link is to be.</param>
/// <param name="Target">What it holds.</param>
/// <param name="Reason">Why.</param>
internal sealed record LinkFile(string Path, string Target, string Reason) : GuestEdit(Path, Reason);

/// <summary>Have the guest's own tool make an initramfs anew.</summary>
/// <param name="Path">The initramfs.</param>
/// <param name="Reason">Why.</param>
/// <param name="KernelVersion">Release of the kernel that it is for.</param>
/// <param name="Program">The tool, as it is to be run.</param>
internal sealed record RebuildInitramfs(string Path, string Reason, string KernelVersion, GuestProgram Program) : GuestEdit(Path, Reason);

/// <summary>Whose a file is, by the guest's numbers.</summary>
/// <param name="User">User.</param>
/// <param name="Group">Group.</param>
internal sealed record FileOwner(uint User, uint Group);
