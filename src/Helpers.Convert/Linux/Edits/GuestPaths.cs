using Hyper2Kvm.Guest;

namespace Hyper2Kvm.Helpers.Convert.Linux.Edits;

/// <summary>Paths of a guest with its symbolic links followed, so that one file has one name.</summary>
internal static class GuestPaths
{
    private const int MostLinks = 40; // path_resolution(7)

    /// <summary>The path without links, <c>.</c>, <c>..</c> and doubled slashes; what is not there is taken as it is.</summary>
    /// <param name="files">The guest.</param>
    /// <param name="path">An absolute path.</param>
    /// <param name="followLast">Whether a link in its last component is followed too.</param>
    /// <exception cref="GuestFileException">Its links form a loop.</exception>
    public static string Resolve(IGuestFiles files, string path, bool followLast = true) => Resolve(files.ReadLink, path, followLast);

    /// <summary>The same, where links are known otherwise.</summary>
    /// <param name="readLink">What the link at a path holds; <see langword="null"/> where none is.</param>
    /// <param name="path">An absolute path.</param>
    /// <param name="followLast">Whether a link in its last component is followed too.</param>
    /// <exception cref="GuestFileException">Its links form a loop.</exception>
    public static string Resolve(Func<string, string?> readLink, string path, bool followLast = true)
    {
        var pending = new Stack<string>(Parts(path));
        var done = new List<string>();
        for (var links = 0; pending.TryPop(out var part);)
        {
            if (part == "..")
            {
                if (done.Count > 0)
                    done.RemoveAt(done.Count - 1);
                continue;
            }

            var target = pending.Count > 0 || followLast ? readLink($"/{string.Join('/', done.Append(part))}") : null;
            if (target is null)
            {
                done.Add(part);
                continue;
            }

            if (++links > MostLinks)
                throw new GuestFileException(path, "cannot be reached: a loop of symbolic links");
            if (target.StartsWith('/'))
                done.Clear();
            foreach (var step in Parts(target))
                pending.Push(step);
        }

        return "/" + string.Join('/', done);
    }

    /// <summary>Every directory above a path, the outermost first, without the root.</summary>
    /// <param name="path">An absolute path.</param>
    public static IEnumerable<string> Above(string path)
    {
        for (var slash = path.IndexOf('/', 1); slash > 0; slash = path.IndexOf('/', slash + 1))
            yield return path[..slash];
    }

    private static IEnumerable<string> Parts(string path)
        => path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(part => part != ".").Reverse();
}
