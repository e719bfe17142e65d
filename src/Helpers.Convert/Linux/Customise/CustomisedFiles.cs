using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Customise;

/// <summary>The guest's files as they will be: the conversion's edits, and the customisations so far, on top of what is there.</summary>
/// <remarks>Each customisation sees what those before it did. What is different in the end becomes edits: done twice, nothing is.</remarks>
internal sealed class CustomisedFiles
{
    private const long LargestFile = 256 * 1024 * 1024;

    private readonly IGuestFiles _guest;
    private readonly CustomisedFiles? _before;
    private readonly Dictionary<string, CustomisedFile> _files = new(StringComparer.Ordinal);
    private readonly List<string> _order = [];

    private CustomisedFiles(IGuestFiles guest, CustomisedFiles? before)
    {
        _guest = guest;
        _before = before;
    }

    /// <summary>Begins where the conversion ends.</summary>
    /// <param name="guest">The guest as it is.</param>
    /// <param name="planned">The conversion's edits, in their order.</param>
    public static CustomisedFiles After(IGuestFiles guest, IEnumerable<GuestEdit> planned)
    {
        var converted = new CustomisedFiles(guest, null);
        foreach (var edit in planned)
            converted.Follow(edit);
        return new CustomisedFiles(guest, converted);
    }

    /// <summary>A path without links, as the guest will resolve it.</summary>
    /// <param name="path">An absolute path.</param>
    /// <param name="followLast">Whether a link in its last component is followed too.</param>
    /// <exception cref="StepException">It is not absolute, or means the root (<see cref="ErrorCodes.ConvertCustomise"/>).</exception>
    public string Resolve(string path, bool followLast = true)
    {
        if (!path.StartsWith('/') || path.AsSpan().IndexOfAny('\0', '\n') >= 0)
            throw new StepException(ErrorCodes.ConvertCustomise, $"{path} is no absolute path of the guest", "Paths of the guest begin with /.");
        var resolved = GuestPaths.Resolve(ReadLink, path, followLast);
        return resolved != "/" ? resolved : throw new StepException(ErrorCodes.ConvertCustomise, $"{path} is the root of the guest, and is not changed");
    }

    /// <summary>What is at a path without links; <see langword="null"/>: nothing.</summary>
    /// <param name="path">The path.</param>
    public GuestFileKind? Kind(string path)
    {
        if (_files.TryGetValue(path, out var file))
            return file.Kind;
        if (IsBelowRemoved(path))
            return null;
        return _before is not null ? _before.Kind(path) : _guest.Status(path, followLinks: false)?.Kind;
    }

    /// <summary>Content of the regular file at a path without links; <see langword="null"/> where none is.</summary>
    /// <param name="path">The path.</param>
    public byte[]? Content(string path)
        => Kind(path) != GuestFileKind.File ? null
            : _files.GetValueOrDefault(path)?.Content ?? _before?.Content(path) ?? _guest.ReadBounded(path, LargestFile);

    /// <summary>Content as text; every byte is one character.</summary>
    /// <param name="path">The path.</param>
    public string? Text(string path) => Content(path) is { } content ? System.Text.Encoding.Latin1.GetString(content) : null;

    /// <summary>What a link holds; <see langword="null"/> where none is.</summary>
    /// <param name="path">The path.</param>
    public string? ReadLink(string path)
        => Kind(path) != GuestFileKind.SymbolicLink ? null
            : _files.GetValueOrDefault(path)?.Target ?? _before?.ReadLink(path) ?? _guest.ReadLink(path);

    /// <summary>Puts something at a path without links; directories above it are made.</summary>
    /// <param name="path">The path.</param>
    /// <param name="file">What is to be there.</param>
    /// <exception cref="StepException">Something of another kind is there (<see cref="ErrorCodes.ConvertCustomise"/>).</exception>
    public void Put(string path, CustomisedFile file)
    {
        foreach (var above in GuestPaths.Above(path))
            Require(above, GuestFileKind.Directory, file, directory => Set(directory, new CustomisedFile(GuestFileKind.Directory) { ModeIfNew = 0x1ED, Reason = file.Reason, IsEmptied = Removed(directory) }));
        if (file.Kind is GuestFileKind.Directory or GuestFileKind.File)
            Require(path, file.Kind.Value, file, _ => { });
        if (file.Kind == GuestFileKind.SymbolicLink && Kind(path) == GuestFileKind.Directory)
            throw new StepException(ErrorCodes.ConvertCustomise, $"{file.Reason}: {path} is a directory in the guest, and is not replaced by a link");
        var asked = _files.GetValueOrDefault(path) is { } before && before.Kind == file.Kind ? before : null;
        Set(path, file with
        {
            IsEmptied = file.Kind == GuestFileKind.Directory && Removed(path),
            Mode = file.Mode ?? asked?.Mode,
            ModeIfNew = asked?.ModeIfNew ?? file.ModeIfNew,
            Owner = asked?.Owner ?? file.Owner,
        });
    }

    /// <summary>Takes away what is at a path without links, and below it.</summary>
    /// <param name="path">The path.</param>
    /// <param name="reason">The option that wants it.</param>
    public void Remove(string path, string reason)
    {
        foreach (var below in _order.Where(made => made.StartsWith(path + "/", StringComparison.Ordinal)).ToList())
        {
            _order.Remove(below);
            _files.Remove(below);
        }

        Set(path, new CustomisedFile(null) { Reason = reason });
    }

    /// <summary>Gives what is at a path without links other permission bits.</summary>
    /// <param name="path">The path.</param>
    /// <param name="mode">The bits.</param>
    /// <param name="reason">The option that wants it.</param>
    public void ChangeMode(string path, uint mode, string reason)
    {
        var kind = Kind(path) ?? throw new StepException(ErrorCodes.ConvertCustomise, $"{reason}: {path} does not exist in the guest");
        Set(path, (_files.GetValueOrDefault(path) ?? new CustomisedFile(kind) { Reason = reason }) with { Mode = mode });
    }

    /// <summary>What makes the guest's files these ones.</summary>
    public IEnumerable<GuestEdit> Edits() => _order.SelectMany(path => Edits(path, _files[path]));

    private IEnumerable<GuestEdit> Edits(string path, CustomisedFile file)
    {
        var kind = _before!.Kind(path);
        var isGone = IsBelowRemoved(path);
        var isReplaced = kind is not null && !isGone && (kind != file.Kind || file.IsEmptied);
        if (isReplaced)
            yield return new DeleteTree(path, file.Reason);
        var isNew = isReplaced || isGone || kind is null;
        if (file.Kind == GuestFileKind.Directory && isNew)
            yield return new MakeDirectory(path, file.Reason, file.Mode ?? file.ModeIfNew, file.Owner);
        if (file.Kind == GuestFileKind.File && file.Content is { } content && (isNew || !_before.Content(path).AsSpan().SequenceEqual(content)))
            yield return new WriteFile(path, file.Reason, content, file.IsText) { Mode = file.Mode ?? file.ModeIfNew, Owner = file.Owner };
        if (file.Kind == GuestFileKind.SymbolicLink && (isNew || _before.ReadLink(path) != file.Target))
            yield return new LinkFile(path, file.Target!, file.Reason);
        if (!isNew && file.Mode is { } mode && _guest.Status(path)?.Mode != mode)
            yield return new ChangeMode(path, file.Reason, mode);
    }

    private void Require(string path, GuestFileKind kind, CustomisedFile file, Action<string> make)
    {
        var found = Kind(path);
        if (found is null)
            make(path);
        else if (found != kind)
            throw new StepException(ErrorCodes.ConvertCustomise, $"{file.Reason}: {path} is no {(kind == GuestFileKind.Directory ? "directory" : "regular file")} in the guest");
    }

    private bool Removed(string path) => _files.TryGetValue(path, out var file) && (file.Kind is null || file.IsEmptied);

    private bool IsBelowRemoved(string path) => GuestPaths.Above(path).Any(Removed);

    private void Set(string path, CustomisedFile file)
    {
        if (!_files.ContainsKey(path))
            _order.Add(path);
        _files[path] = file;
    }

    /// <summary>What an edit of the conversion does, here.</summary>
    private void Follow(GuestEdit edit)
    {
        var itself = GuestPaths.Resolve(ReadLink, edit.Path, followLast: false);
        switch (edit)
        {
            case WriteFile write:
                Put(GuestPaths.Resolve(ReadLink, edit.Path), new CustomisedFile(GuestFileKind.File) { Content = write.Content.ToArray(), Reason = edit.Reason });
                break;
            case MakeDirectory:
                Put(itself, new CustomisedFile(GuestFileKind.Directory) { Reason = edit.Reason });
                break;
            case LinkFile link:
                Put(itself, new CustomisedFile(GuestFileKind.SymbolicLink) { Target = link.Target, Reason = edit.Reason });
                break;
            case RenameFile rename when Content(itself) is { } content:
                Put(GuestPaths.Resolve(ReadLink, rename.Target, followLast: false), new CustomisedFile(GuestFileKind.File) { Content = content, Reason = edit.Reason });
                Remove(itself, edit.Reason);
                break;
            case DeleteFile or DeleteTree:
                Remove(itself, edit.Reason);
                break;
        }
    }
}
