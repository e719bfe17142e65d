using Hyper2Kvm.Daemon.Watching;

namespace Hyper2Kvm.Daemon.Tests.Watching;

/// <summary>Whether somebody writes to a file, by both ways to know it.</summary>
public sealed class OpenWritersTests : IDisposable
{
    private readonly WatchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(true, FileAccess.Write)]
    [InlineData(true, FileAccess.ReadWrite)]
    [InlineData(false, FileAccess.Write)]
    [InlineData(false, FileAccess.ReadWrite)]
    public void A_writer_is_seen_until_it_closes(bool leases, FileAccess access)
    {
        _folder.Put("web.vmdk");
        var guest = _folder.Candidate();
        using (File.Open(_folder["web.vmdk"], FileMode.Open, access))
        {
            new OpenWriters(_folder.Root, leases).FirstOf(guest).Should().Be("web.vmdk");
        }

        new OpenWriters(_folder.Root, leases).FirstOf(guest).Should().BeNull();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_reader_is_no_writer(bool leases)
    {
        _folder.Put("web.vmdk");
        using var reader = File.OpenRead(_folder["web.vmdk"]);

        new OpenWriters(_folder.Root, leases).FirstOf(_folder.Candidate()).Should().BeNull();
    }

    [Fact]
    public void A_writer_is_seen_where_the_watch_folder_is_a_link()
    {
        var link = Path.Combine(_folder.Elsewhere, "link");
        Directory.CreateSymbolicLink(link, _folder.Root);
        using var writer = File.Create(_folder["web.vmdk"]);
        var entry = new EntryReader(link).Read("web.vmdk", null, out _)!;

        new OpenWriters(link, leases: false).FirstOf(Daemon.Watching.Grouping.Candidates.Find([entry])[0]).Should().Be("web.vmdk");
    }
}
