namespace Hyper2Kvm.Daemon.Tests.Watching;

/// <summary>When a guest is taken.</summary>
public sealed class PendingGuestsTests : IDisposable
{
    private readonly SteppedWatch _watch = new();

    private WatchFolder Folder => _watch.Folder;

    private RecordingArrivals Arrivals => _watch.Arrivals;

    public void Dispose() => _watch.Dispose();

    [Fact]
    public void A_file_is_taken_after_three_equal_looks_and_not_before()
    {
        Folder.Put("web.vmdk");
        _watch.Touch("web.vmdk");

        _watch.Advance(2);
        _watch.Completed.Should().BeEmpty();
        _watch.Advance(1);
        _watch.Completed.Should().Equal("web");
        _watch.IsIdle.Should().BeTrue("nothing is left to look at");
    }

    [Fact]
    public void A_file_that_grows_for_minutes_is_neither_dropped_nor_taken_nor_warned_of()
    {
        _watch.Touch("web.vmdk");
        for (var second = 0; second < 300; second++)
        {
            File.AppendAllText(Folder["web.vmdk"], "more");
            _watch.Advance(1);
        }

        (Arrivals.Completed.Count, Arrivals.WaitingFor.Count).Should().Be((0, 0));
        _watch.Advance(3);
        _watch.Completed.Should().Equal("web");
        Arrivals.Completed[0].SizeBytes.Should().Be(1200);
    }

    [Fact]
    public void A_sparse_upload_whose_length_stands_from_the_start_grows_by_its_blocks()
    {
        var time = DateTime.UtcNow;
        using (var file = File.Create(Folder["web.raw"]))
        {
            file.SetLength(100 << 20);
        }

        _watch.Touch("web.raw");
        for (var second = 0; second < 10; second++)
        {
            using (var file = File.OpenHandle(Folder["web.raw"], FileMode.Open, FileAccess.Write))
            {
                RandomAccess.Write(file, new byte[65536], second << 20);
            }

            File.SetLastWriteTimeUtc(Folder["web.raw"], time);
            _watch.Advance(1);
        }

        _watch.Completed.Should().BeEmpty();
        _watch.Advance(3);
        _watch.Completed.Should().Equal("web");
    }

    [Fact]
    public void A_file_whose_writer_pauses_is_not_taken_while_it_is_open()
    {
        using (var upload = File.Create(Folder["web.vmdk"]))
        {
            upload.Write("first half"u8);
            upload.Flush();
            _watch.Touch("web.vmdk").Advance(20);
            _watch.Completed.Should().BeEmpty();
            Arrivals.WaitingFor.Should().BeEmpty("20 s are under the timeout");

            upload.Write("second half"u8);
            upload.Flush();
            _watch.Advance(29);
            Arrivals.WaitingFor.Should().BeEmpty("it has grown since");
            _watch.Advance(5);
            Arrivals.WaitingFor.Should().ContainSingle().Which.Reason.Should().Contain("still open for writing");
        }

        // What inotify tells now.
        _watch.Touch("web.vmdk").Advance(1);
        _watch.Completed.Should().Equal("web");
    }

    [Fact]
    public void What_waits_is_told_once_and_looked_at_more_and_more_slowly()
    {
        Folder.Put("web-flat.vmdk");
        _watch.Touch("web-flat.vmdk").Advance(31);
        var quick = _watch.Looks;
        _watch.Advance(300);
        var slow = _watch.Looks - quick;
        _watch.Advance(3600);

        quick.Should().BeInRange(29, 32);
        slow.Should().BeInRange(28, 32);
        (_watch.Looks - quick - slow).Should().BeInRange(118, 124);
        Arrivals.WaitingFor.Should().ContainSingle().Which.Entry.Should().Be(Folder["web-flat.vmdk"]);
    }

    [Fact]
    public void Extents_that_came_an_hour_before_their_descriptor_are_taken_with_it()
    {
        Folder.Put("web-s001.vmdk", "web-s002.vmdk");
        _watch.Touch("web-s001.vmdk", "web-s002.vmdk").Advance(3600);
        Folder.Write("web.vmdk", Samples.Vmdk("web-s001.vmdk web-s002.vmdk"));
        _watch.Touch("web.vmdk").Advance(3);

        Arrivals.Completed.Should().ContainSingle().Which.Entries.Should().HaveCount(3);
    }

    [Fact]
    public void A_descriptor_waits_for_its_extents_and_names_the_missing_one()
    {
        Folder.Write("web.vmdk", Samples.Vmdk("web-f001.vmdk web-f002.vmdk"));
        _watch.Touch("web.vmdk").Advance(40);
        Folder.Put("web-f001.vmdk");
        _watch.Touch("web-f001.vmdk").Advance(40);

        Arrivals.WaitingFor.Select(waiting => waiting.Reason).Should().SatisfyRespectively(
            first => first.Should().Contain("web-f001.vmdk"),
            second => second.Should().Contain("web-f002.vmdk"));

        Folder.Put("web-f002.vmdk");
        _watch.Touch("web-f002.vmdk").Advance(3);
        _watch.Completed.Should().Equal("web");
    }

    [Fact]
    public void The_first_disk_of_an_OVF_is_not_taken_while_the_second_is_uploaded()
    {
        Folder.Put("web-disk1.vmdk");
        _watch.Touch("web-disk1.vmdk").Advance(20);
        using (var upload = File.Create(Folder["web-disk2.vmdk"]))
        {
            _watch.Touch("web-disk2.vmdk");
            for (var second = 0; second < 100; second++)
            {
                upload.Write("more"u8);
                upload.Flush();
                _watch.Advance(1);
            }
        }

        Folder.Write("web.ovf", Samples.Ovf("web-disk1.vmdk", "web-disk2.vmdk"));
        _watch.Touch("web.ovf").Advance(10);

        Arrivals.Completed.Should().ContainSingle().Which.Sources.Should().HaveCount(2);
    }

    [Fact]
    public void A_folder_without_a_description_is_taken_after_the_timeout_of_quiet()
    {
        Folder.Put("web/a.vmdk");
        _watch.Touch("web").Advance(25);
        Folder.Put("web/b.vmdk");
        _watch.Advance(30);
        _watch.Completed.Should().BeEmpty();
        _watch.Advance(3);

        Arrivals.Completed.Should().ContainSingle().Which.Sources.Should().HaveCount(2);
    }

    [Fact]
    public void A_file_that_is_written_again_before_it_is_taken_starts_again()
    {
        Folder.Put("web.vmdk");
        _watch.Touch("web.vmdk").Advance(2);
        Folder.Write("web.vmdk", "another content");
        _watch.Touch("web.vmdk").Advance(2);
        _watch.Completed.Should().BeEmpty();
        _watch.Advance(1);
        _watch.Completed.Should().Equal("web");
    }

    [Fact]
    public void A_file_that_is_replaced_by_one_of_its_size_and_time_starts_again()
    {
        Folder.Put("web.vmdk", "new.tmp");
        var time = new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc);
        Folder.Write("new.tmp", "DATA of web.vmdk");
        File.SetLastWriteTimeUtc(Folder["web.vmdk"], time);
        File.SetLastWriteTimeUtc(Folder["new.tmp"], time);
        _watch.Touch("web.vmdk").Advance(2);
        File.Move(Folder["new.tmp"], Folder["web.vmdk"], overwrite: true);
        _watch.Advance(1);
        _watch.Completed.Should().BeEmpty();
        _watch.Advance(2);
        _watch.Completed.Should().Equal("web");
    }

    [Fact]
    public void A_file_that_goes_before_it_is_complete_is_forgotten()
    {
        Folder.Put("web.vmdk");
        _watch.Touch("web.vmdk").Advance(2);
        File.Delete(Folder["web.vmdk"]);
        _watch.Advance(60);

        (Arrivals.Completed.Count, Arrivals.WaitingFor.Count, _watch.IsIdle).Should().Be((0, 0, true));
    }

    [Fact]
    public void What_is_taken_is_not_looked_at()
    {
        Folder.Put("web.vmdk", "db.vmdk");
        Arrivals.Taken[Folder["web.vmdk"]] = true;
        _watch.TouchAll().Advance(5);

        _watch.Completed.Should().Equal("db");
    }

    [Fact]
    public void What_was_given_and_stays_is_not_given_again_unless_it_changes_or_comes_back()
    {
        Folder.Put("web.vmdk");
        _watch.TouchAll().Advance(5);
        Folder.Put("another.txt");
        _watch.TouchAll().Advance(5);
        Arrivals.Completed.Should().HaveCount(1);

        Folder.Write("web.vmdk", "a newer guest");
        _watch.TouchAll().Advance(5);
        Arrivals.Completed.Should().HaveCount(2);

        // Out and in again between two looks, as it was.
        _watch.Gone("web.vmdk");
        _watch.Advance(5);
        Arrivals.Completed.Should().HaveCount(3);
    }

    [Fact]
    public void A_guest_that_could_not_be_queued_is_offered_again()
    {
        Folder.Put("web.vmdk");
        Arrivals.Failure = new IOException("the disk under the queue is full");
        _watch.Touch("web.vmdk").Advance(12);
        _watch.Completed.Should().BeEmpty();
        _watch.Advance(1);
        _watch.Completed.Should().Equal("web");
    }

    [Fact]
    public void A_thousand_files_are_taken_in_three_looks()
    {
        Folder.Put([.. Enumerable.Range(0, 1000).Select(number => $"guest{number}.vmdk")]);
        _watch.TouchAll().Advance(60);

        Arrivals.Completed.Should().HaveCount(1000);
        _watch.Looks.Should().Be(3);
        _watch.IsIdle.Should().BeTrue();
    }

    [Theory]
    [InlineData(".web.vmdk")]
    [InlineData("web.vmdk.part")]
    [InlineData("web.vmdk.FILEPART")]
    [InlineData("web.vmdk.crdownload")]
    [InlineData("web.vmdk.tmp")]
    [InlineData("web.job.yaml")]
    [InlineData(".processed/2026-01-02/web.vmdk")]
    public void Some_names_are_ignored_without_a_word(string name)
    {
        Folder.Put(name);
        _watch.TouchAll().Advance(60);

        (Arrivals.Completed.Count, Arrivals.WaitingFor.Count, _watch.Log.Lines.Count, _watch.IsIdle).Should().Be((0, 0, 0, true));
    }

    [Fact]
    public void What_is_left_alone_is_told_once_as_information()
    {
        Folder.Put("readme.txt");
        File.CreateSymbolicLink(Folder["link.vmdk"], "/etc/passwd");
        using var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified);
        socket.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(Folder["socket.vmdk"]));
        for (var round = 0; round < 3; round++)
        {
            _watch.TouchAll().Advance(20);
        }

        _watch.Log.Lines.Should().HaveCount(3).And.OnlyContain(line => line.Level == Serilog.Events.LogEventLevel.Information);
        _watch.Log.Lines.Select(line => line.Text).Should().Contain(text => text.Contains("link.vmdk") && text.Contains("symbolic link"));
        Arrivals.Completed.Should().BeEmpty();
        _watch.IsIdle.Should().BeTrue();
    }
}
