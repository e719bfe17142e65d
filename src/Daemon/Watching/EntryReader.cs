using Hyper2Kvm.Daemon.Native;

namespace Hyper2Kvm.Daemon.Watching;

/// <summary>Looks at one entry of the watch folder.</summary>
/// <param name="root">The watch folder.</param>
/// <param name="isShared">Whether it is on a file system whose inode numbers may change from look to look (SMB, FUSE), so that they tell nothing.</param>
internal sealed class EntryReader(string root, bool isShared = false)
{
    private const int MostFiles = 4096; // a split disk of 2 TB has 1024 extents
    private const int Deepest = 8;

    /// <summary>The watch folder.</summary>
    public string Root { get; } = root;

    /// <summary>Reads it.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="before">What it was before: files that have not changed are taken over, with what was read of them.</param>
    /// <param name="notice">Why it is left alone, for those who wonder; <see langword="null"/> where nobody does.</param>
    /// <returns>The entry; <see langword="null"/> where it is gone, or left alone.</returns>
    public FolderEntry? Read(string name, FolderEntry? before, out string? notice)
    {
        notice = null;
        if (IgnoredNames.IsHidden(name) || IgnoredNames.IsUnfinished(name))
        {
            return null;
        }

        var path = Path.Combine(Root, name);
        switch (NativeMethods.Status(path))
        {
            case null:
                notice = name.Contains('\uFFFD') ? "its name is not UTF-8: rename it" : null;
                return null;
            case { IsLink: true }:
                notice = "it is a symbolic link, which is not followed: put the file itself here";
                return null;
            case { IsDirectory: true }:
                return ReadDirectory(name, path, before);
            case { IsFile: true } status:
                return new FolderEntry { Name = name, IsDirectory = false, Files = [Reuse(before, path, name, StateOf(status))] };
            default:
                notice = "it is neither a file nor a folder";
                return null;
        }
    }

    private FolderEntry ReadDirectory(string name, string path, FolderEntry? before)
    {
        var known = before?.Files.ToDictionary(file => file.Name, StringComparer.Ordinal) ?? [];
        var walk = new Walk(path, known, StateOf);
        walk.Visit("", 0);
        return new FolderEntry
        {
            Name = name,
            IsDirectory = true,
            Files = [.. walk.Files.OrderBy(file => file.Name, StringComparer.Ordinal)],
            Directories = [.. walk.Directories.Order(StringComparer.Ordinal)],
            Problem = walk.Problem is { } problem ? $"{name} {problem}" : null,
        };
    }

    private FileState StateOf(PathStatus status) => isShared ? FileState.Of(status) with { Inode = 0 } : FileState.Of(status);

    private static SeenFile Reuse(FolderEntry? before, string path, string name, FileState state)
        => before is { IsDirectory: false, Files: [var file] } && file.State == state ? file : new SeenFile(path, name, state);

    /// <summary>A folder and what is below it.</summary>
    private sealed class Walk(string top, Dictionary<string, SeenFile> known, Func<PathStatus, FileState> stateOf)
    {
        public List<SeenFile> Files { get; } = [];

        public List<string> Directories { get; } = [];

        public string? Problem { get; private set; }

        public void Visit(string relative, int depth)
        {
            var directory = Path.Combine(top, relative);
            Directories.Add(directory);
            foreach (var name in Names(directory))
            {
                var below = relative.Length == 0 ? name : $"{relative}/{name}";
                if (Files.Count >= MostFiles || Directories.Count >= MostFiles)
                {
                    Problem ??= $"holds more than {MostFiles} files or folders: a folder is one guest, so bring each in a folder of its own";
                    return;
                }

                if (IgnoredNames.IsUnfinished(name))
                {
                    Problem ??= $"is not whole: {below} is still called like a file that is being written; it waits for its last name";
                }
                else if (!IgnoredNames.IsHidden(name))
                {
                    See(Path.Combine(directory, name), below, depth);
                }
            }
        }

        private void See(string path, string below, int depth)
        {
            switch (NativeMethods.Status(path))
            {
                case { IsDirectory: true } when depth >= Deepest:
                    Problem ??= $"has folders more than {Deepest} deep: bring the guest's own folder";
                    break;
                case { IsDirectory: true }:
                    Visit(below, depth + 1);
                    break;
                case { IsFile: true } status:
                    var state = stateOf(status);
                    Files.Add(known.TryGetValue(below, out var file) && file.State == state ? file : new SeenFile(path, below, state));
                    break;
            }
        }

        private string[] Names(string directory)
        {
            try
            {
                return [.. Directory.EnumerateFileSystemEntries(directory).Select(path => Path.GetFileName(path))];
            }
            catch (DirectoryNotFoundException)
            {
                return []; // it went while it was looked at
            }
            catch (Exception denied) when (denied is UnauthorizedAccessException or IOException)
            {
                Problem ??= $"cannot be read ({denied.Message}): give the daemon's user the right to";
                return [];
            }
        }
    }
}
