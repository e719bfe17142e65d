using System.Security.Cryptography;
using Hyper2Kvm.Guest;

namespace Hyper2Kvm.Helpers.Convert.Linux.Initramfs;

/// <summary>What files lie in some directories of a guest: two of these tell what a program changed.</summary>
internal sealed class FileDigests
{
    /// <summary>Directories of a hostile guest may be deep.</summary>
    private const int MostLevels = 32;

    private readonly SortedDictionary<string, (string Digest, long Length)> _files = new(StringComparer.Ordinal);

    /// <summary>Reads all files, links not followed.</summary>
    /// <param name="files">The guest.</param>
    /// <param name="directories">The directories.</param>
    public static FileDigests Of(IGuestFiles files, IEnumerable<string> directories)
    {
        var digests = new FileDigests();
        foreach (var directory in directories)
            digests.Add(files, directory, 0);
        return digests;
    }

    /// <summary>What is different later: <c>create</c>, <c>edit</c> or <c>delete</c>.</summary>
    /// <param name="later">The same directories, later.</param>
    public IEnumerable<(string Path, string Action, long? Before, long? After)> Changes(FileDigests later)
        => _files.Keys.Union(later._files.Keys).Order(StringComparer.Ordinal)
            .Select(path => (path, IsBefore: _files.TryGetValue(path, out var before), before, IsAfter: later._files.TryGetValue(path, out var after), after))
            .Where(file => file.before != file.after)
            .Select(file => (file.path, !file.IsBefore ? "create" : !file.IsAfter ? "delete" : "edit", file.IsBefore ? file.before.Length : (long?)null, file.IsAfter ? file.after.Length : (long?)null));

    private void Add(IGuestFiles files, string directory, int level)
    {
        foreach (var path in files.List(directory).Select(name => $"{directory}/{name}"))
        {
            var status = files.Status(path, followLinks: false);
            if (status?.Kind == GuestFileKind.Directory && level < MostLevels)
            {
                Add(files, path, level + 1);
            }
            else if (status?.Kind == GuestFileKind.File)
            {
                using var stream = files.OpenRead(path);
                _files[path] = (System.Convert.ToHexString(SHA256.HashData(stream)), status.Length);
            }
            else if (status?.Kind == GuestFileKind.SymbolicLink)
            {
                _files[path] = (files.ReadLink(path) ?? string.Empty, 0);
            }
        }
    }
}
