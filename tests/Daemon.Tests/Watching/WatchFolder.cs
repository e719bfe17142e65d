using Hyper2Kvm.Daemon.Watching;
using Hyper2Kvm.Daemon.Watching.Grouping;

namespace Hyper2Kvm.Daemon.Tests.Watching;

/// <summary>A watch folder that goes when its test goes.</summary>
internal sealed class WatchFolder : IDisposable
{
    /// <summary>Where many files cost little: a tmpfs, which has inotify and leases too.</summary>
    private static readonly string Parent = Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();

    private readonly string _parent = Directory.CreateDirectory(Path.Combine(Parent, "watch-test-" + Path.GetRandomFileName())).FullName;

    public WatchFolder() => Directory.CreateDirectory(Root);

    public string Root => Path.Combine(_parent, "watch");

    /// <summary>A folder beside it, on the same file system.</summary>
    public string Elsewhere => Directory.CreateDirectory(Path.Combine(_parent, "elsewhere")).FullName;

    public string this[string name] => Path.Combine(Root, name);

    public WatchFolder Write(string name, string text) => Write(name, System.Text.Encoding.UTF8.GetBytes(text));

    public WatchFolder Write(string name, byte[] content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(this[name])!);
        File.WriteAllBytes(this[name], content);
        return this;
    }

    /// <summary>Files whose content does not matter.</summary>
    public WatchFolder Put(params string[] names)
    {
        foreach (var name in names)
        {
            Write(name, "data of " + name);
        }

        return this;
    }

    /// <summary>The guests that its entries are now.</summary>
    public IReadOnlyList<Candidate> Candidates()
    {
        var reader = new EntryReader(Root);
        return Daemon.Watching.Grouping.Candidates.Find([.. Directory.GetFileSystemEntries(Root).Select(path => reader.Read(Path.GetFileName(path), null, out _)).OfType<FolderEntry>()]);
    }

    /// <summary>The only guest that its entries are now.</summary>
    public Candidate Candidate() => Candidates().Should().ContainSingle().Subject;

    public void Dispose() => Directory.Delete(_parent, recursive: true);
}
