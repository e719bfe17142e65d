namespace Hyper2Kvm.Daemon.Watching.Grouping;

/// <summary>Files that may belong together: those directly in the watch folder, or those of one guest's folder. No name leads out of it.</summary>
internal sealed class FileSet
{
    private const int LongestShown = 120;

    private readonly Dictionary<string, SeenFile> _byPath;
    private readonly ILookup<string, SeenFile> _byFileName;

    /// <summary>Takes the files.</summary>
    /// <param name="files">With unique names.</param>
    public FileSet(IEnumerable<SeenFile> files)
    {
        _byPath = files.ToDictionary(file => file.Name, StringComparer.Ordinal);
        _byFileName = _byPath.Values.ToLookup(file => Path.GetFileName(file.Name), StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>All of them.</summary>
    public IReadOnlyCollection<SeenFile> Files => _byPath.Values;

    /// <summary>The file that another one names.</summary>
    /// <param name="from">Who names it.</param>
    /// <param name="reference">How.</param>
    /// <param name="problem">Why there is none, with the remedy.</param>
    public SeenFile? Find(SeenFile from, Reference reference, out string? problem)
    {
        problem = null;
        var shown = Shown(reference.Name);
        if (reference.ByFileName)
        {
            var fileName = reference.Name[(reference.Name.LastIndexOfAny(['\\', '/']) + 1)..];
            var found = _byFileName[fileName].ToList();
            problem = found.Count switch
            {
                0 => $"{from.Name} names {Shown(fileName)}, which is not here: bring it too",
                1 => null,
                _ => $"{from.Name} names {shown}, and there are {found.Count} files of that name: leave only the right one",
            };
            return problem is null ? found[0] : null;
        }

        if (Locate(from.Name, reference.Name) is not { } path)
        {
            problem = $"{from.Name} names '{shown}', which is not a file of its own folder and is not followed: put all files of the guest into one folder, with plain names in {Path.GetFileName(from.Name)}";
            return null;
        }

        var file = _byPath.GetValueOrDefault(path);
        problem = file is null ? $"{from.Name} names {shown}, which is not here (links are not followed): bring it too" : null;
        return file;
    }

    /// <summary>A path below the set's root; <see langword="null"/> where the name leads out of it, or elsewhere.</summary>
    private static string? Locate(string from, string name)
    {
        // A colon before the first slash: a drive, or a protocol (nbd:, json:), as QEMU's path_has_protocol tells it.
        var normal = name.Replace('\\', '/');
        if (normal.Length == 0 || normal.StartsWith('/') || normal.Contains('\0') || (normal.AsSpan().IndexOfAny(':', '/') is var place and >= 0 && normal[place] == ':'))
        {
            return null;
        }

        var parts = new List<string>((Path.GetDirectoryName(from) ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries));
        foreach (var part in normal.Split('/').Where(part => part is not ("" or ".")))
        {
            if (part != "..")
            {
                parts.Add(part);
            }
            else if (parts.Count == 0)
            {
                return null;
            }
            else
            {
                parts.RemoveAt(parts.Count - 1);
            }
        }

        return string.Join('/', parts);
    }

    /// <summary>A name out of a hostile file, fit for a log.</summary>
    private static string Shown(string name)
        => string.Concat(name.Take(LongestShown).Select(letter => char.IsControl(letter) ? '?' : letter)) + (name.Length > LongestShown ? "…" : "");
}
