namespace Hyper2Kvm.Daemon.Watching;

/// <summary>Names that nobody looks at: hidden ones, and those that programs give to a file until it is whole.</summary>
internal static class IgnoredNames
{
    private static readonly string[] Unfinished = [".part", ".partial", ".tmp", ".temp", ".filepart", ".crdownload", ".download", ".opdownload", ".uploading", ".inprogress", ".aria2"];

    /// <summary>Whether it is hidden (the daemon's own folders, and what rsync and others write to before they rename it), a backup of an editor, or a lock of VMware.</summary>
    /// <param name="name">File name.</param>
    public static bool IsHidden(string name) => name.StartsWith('.') || name.EndsWith('~') || name.EndsWith(".lck", StringComparison.Ordinal);

    /// <summary>Whether it is called like a file that is still being written.</summary>
    /// <param name="name">File name.</param>
    public static bool IsUnfinished(string name) => Unfinished.Any(ending => name.EndsWith(ending, StringComparison.OrdinalIgnoreCase));
}
