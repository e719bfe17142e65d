using Hyper2Kvm.Daemon.Jobs;
using Hyper2Kvm.Daemon.Running;
using Hyper2Kvm.Daemon.Tests.Support;

namespace Hyper2Kvm.Daemon.Tests.Running;

public sealed class SourceArchiveTests : IDisposable
{
    private readonly TemporaryDirectory _scratch = new();
    private readonly SourceArchive _archive;

    public SourceArchiveTests() => _archive = new SourceArchive(_scratch.Path);

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void Files_of_one_guest_go_together_and_the_job_knows_where()
    {
        var source = Drop("x", "web.vmdk", "web-flat.vmdk");

        var moved = _archive.ToProcessed(source, Some.Noon);

        moved.Entries.Should().Equal(_scratch.File(".processed/2026-03-01/web.vmdk"), _scratch.File(".processed/2026-03-01/web-flat.vmdk"));
        moved.Sources.Should().Equal(moved.Entries[0]);
        moved.Entries.Should().OnlyContain(entry => File.Exists(entry));
    }

    [Fact]
    public void Nothing_is_ever_overwritten_and_files_that_name_each_other_keep_their_names()
    {
        string[] contents = ["first", "second", "third"];

        var places = contents.Select(content => _archive.ToErrors(Drop(content, "web.vmdk", "web-flat.vmdk"))).ToList();

        places.Select(place => File.ReadAllText(place.Entries[1])).Should().Equal(contents);
        places[1].Entries.Should().Equal(_scratch.File(".errors/web-2/web.vmdk"), _scratch.File(".errors/web-2/web-flat.vmdk"));
    }

    [Fact]
    public void A_folder_moves_as_a_whole()
    {
        Directory.CreateDirectory(_scratch.File("vm"));
        File.WriteAllText(_scratch.File("vm/disk.vmdk"), "x");
        var source = Some.Source(_scratch.Path, "vm") with { Sources = [_scratch.File("vm/disk.vmdk")] };

        var moved = _archive.ToProcessed(source, Some.Noon);

        moved.Sources.Should().Equal(_scratch.File(".processed/2026-03-01/vm/disk.vmdk"));
        File.Exists(moved.Sources[0]).Should().BeTrue();
    }

    [Fact]
    public void What_rested_in_errors_comes_back_for_its_retry()
    {
        Drop("old", "web.vmdk");
        _archive.ToErrors(Some.Source(_scratch.Path, "web.vmdk"));
        var resting = _archive.ToErrors(Drop("new", "web.vmdk"));

        var back = _archive.ToWatchFolder(resting);

        back.Sources.Should().Equal(_scratch.File("web.vmdk"));
        File.ReadAllText(back.Sources[0]).Should().Be("new");
        Directory.Exists(_scratch.File(".errors/web-2")).Should().BeFalse("an empty folder is no use");
    }

    [Fact]
    public void What_rests_stays_where_a_newer_file_took_its_name()
    {
        var resting = _archive.ToErrors(Drop("old", "web.vmdk"));
        Drop("newer", "web.vmdk");

        var back = _archive.ToWatchFolder(resting);

        back.Should().Be(resting);
        File.ReadAllText(_scratch.File("web.vmdk")).Should().Be("newer");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_move_that_was_killed_is_finished_into_the_place_it_had_begun(int renamed)
    {
        _archive.ToErrors(Drop("earlier", "web.vmdk", "web-flat.vmdk"));
        var source = Drop("this", "web.vmdk", "web-flat.vmdk");
        Directory.CreateDirectory(_scratch.File(".errors/web-2"));
        foreach (var entry in source.Entries.Take(renamed))
        {
            File.Move(entry, _scratch.File($".errors/web-2/{Path.GetFileName(entry)}"));
        }

        var moved = _archive.ToErrors(source);

        moved.Entries.Should().Equal(_scratch.File(".errors/web-2/web.vmdk"), _scratch.File(".errors/web-2/web-flat.vmdk"));
        moved.Entries.Select(File.ReadAllText).Should().Equal("this", "this");
        File.ReadAllText(_scratch.File(".errors/web.vmdk")).Should().Be("earlier");
    }

    [Fact]
    public void What_is_in_its_place_already_stays()
    {
        var moved = _archive.ToErrors(Drop("x", "web.vmdk"));

        _archive.ToErrors(moved).Should().Be(moved);
    }

    private SourceGroup Drop(string content, params string[] files)
    {
        foreach (var file in files)
        {
            File.WriteAllText(_scratch.File(file), content);
        }

        return Some.Source(_scratch.Path, files);
    }
}
