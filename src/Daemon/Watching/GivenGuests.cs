using Hyper2Kvm.Daemon.Native;
using Hyper2Kvm.Daemon.Watching.Grouping;

namespace Hyper2Kvm.Daemon.Watching;

/// <summary>Guests that were given away: while they lie there as they are, they are not given again. They do where converted files are left in their place.</summary>
internal sealed class GivenGuests
{
    private readonly Dictionary<string, (ulong Device, IReadOnlyList<(string Path, FileState State)> Files)> _given = new(StringComparer.Ordinal);
    private ulong _device;

    /// <summary>Entries of the file system that is there now, by which guests were given. Those of one that is not mounted are not gone.</summary>
    public IEnumerable<string> Names => _given.Where(pair => pair.Value.Device == _device).Select(pair => pair.Key);

    /// <summary>A file system has come to the watch folder.</summary>
    /// <param name="folder">Status of the watch folder.</param>
    public void Folder(PathStatus folder) => _device = folder.Device;

    /// <summary>A guest was given away.</summary>
    /// <param name="guest">The guest.</param>
    public void Add(Candidate guest) => _given[guest.Entries[0]] = (_device, Files(guest));

    /// <summary>Whether it was given away as it is.</summary>
    /// <param name="guest">The guest.</param>
    public bool Contains(Candidate guest)
        => _given.TryGetValue(guest.Entries[0], out var given)
            && given.Files.Count == guest.Files.Count
            && given.Files.Zip(Files(guest)).All(pair => pair.First.Path == pair.Second.Path && pair.First.State.SameContent(pair.Second.State));

    /// <summary>An entry is gone; one of its name is another.</summary>
    /// <param name="entry">Its name.</param>
    public void Forget(string entry) => _given.Remove(entry);

    private static List<(string Path, FileState State)> Files(Candidate guest) => [.. guest.Files.Select(file => (file.Path, file.State))];
}
