using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Selinux;

/// <summary>What edits make that was not there before: files that are replaced keep their labels, these have none.</summary>
internal sealed class CreatedFiles
{
    private readonly IGuestFiles _files;
    private readonly Dictionary<string, LabelledKind> _created = new(StringComparer.Ordinal);
    private readonly HashSet<string> _removed = new(StringComparer.Ordinal);

    private CreatedFiles(IGuestFiles files) => _files = files;

    /// <summary>Their paths without links, once all edits are done.</summary>
    /// <param name="files">The guest, before the edits.</param>
    /// <param name="edits">The edits in their order.</param>
    public static IReadOnlyDictionary<string, LabelledKind> Of(IGuestFiles files, IEnumerable<GuestEdit> edits)
    {
        var created = new CreatedFiles(files);
        foreach (var edit in edits)
            created.Follow(edit);
        return created._created;
    }

    private void Follow(GuestEdit edit)
    {
        switch (edit)
        {
            case WriteFile:
                Add(GuestPaths.Resolve(_files, edit.Path), LabelledKind.File);
                break;
            case MakeDirectory:
                Add(GuestPaths.Resolve(_files, edit.Path), LabelledKind.Directory);
                break;
            case LinkFile:
                Remove(Itself(edit.Path));
                Add(Itself(edit.Path), LabelledKind.Link);
                break;
            case DeleteFile or DeleteTree:
                Remove(Itself(edit.Path));
                break;
            case RenameFile rename:
                var isNew = _created.TryGetValue(Itself(rename.Path), out var kind);
                Remove(Itself(rename.Path));
                _created.Remove(Itself(rename.Target));
                if (isNew)
                    _created[Itself(rename.Target)] = kind;
                break;
        }
    }

    private string Itself(string path) => GuestPaths.Resolve(_files, path, followLast: false);

    private void Add(string path, LabelledKind kind)
    {
        foreach (var directory in GuestPaths.Above(path).Where(directory => !IsThere(directory)))
            _created.TryAdd(directory, LabelledKind.Directory);
        if (!IsThere(path))
            _created[path] = kind;
    }

    private bool IsThere(string path)
        => _created.ContainsKey(path) || (!_removed.Contains(path) && !GuestPaths.Above(path).Any(_removed.Contains) && _files.Status(path, followLinks: false) is not null);

    private void Remove(string path)
    {
        _removed.Add(path);
        foreach (var below in _created.Keys.Where(made => made == path || made.StartsWith(path + "/", StringComparison.Ordinal)).ToList())
            _created.Remove(below);
    }
}
