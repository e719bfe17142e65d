using Hyper2Kvm.Daemon.Configuration;
using Hyper2Kvm.Daemon.Watching;

namespace Hyper2Kvm.Daemon.Tests.Watching;

/// <summary>The watcher on a real folder, with real inotify and quick looks.</summary>
public sealed class WatcherTests : IDisposable
{
    private static readonly Pace Quick = new() { Look = TimeSpan.FromMilliseconds(50), Slow = TimeSpan.FromMilliseconds(200), Slowest = TimeSpan.FromMilliseconds(400) };

    private readonly WatchFolder _folder = new();
    private readonly RecordingArrivals _arrivals = new();
    private readonly RecordedLog _log = new();
    private Watcher? _watcher;

    public void Dispose()
    {
        _watcher?.Dispose();
        _folder.Dispose();
        _arrivals.Dispose();
        _log.Dispose();
    }

    [Fact]
    public async Task What_is_there_at_the_start_is_taken()
    {
        _folder.Put("web.vmdk", "db/db.qcow2");
        Start();

        (await _arrivals.CompletedAsync(2)).Select(source => source.Name).Should().BeEquivalentTo("web", "db");
    }

    [Fact]
    public async Task What_is_written_moved_in_or_renamed_is_taken()
    {
        await StartAsync();
        _folder.Put("written.vmdk", "renamed.vmdk.part");
        File.Move(_folder["renamed.vmdk.part"], _folder["renamed.vmdk"]);
        await File.WriteAllTextAsync(Path.Combine(_folder.Elsewhere, "moved.vmdk"), "data");
        File.Move(Path.Combine(_folder.Elsewhere, "moved.vmdk"), _folder["moved.vmdk"]);

        (await _arrivals.CompletedAsync(3)).Select(source => source.Name).Should().BeEquivalentTo("written", "renamed", "moved");
    }

    [Fact]
    public async Task A_folder_that_fills_after_it_came_is_taken_whole()
    {
        await StartAsync();
        using (var disk = Create("export/Virtual Hard Disks/a.vhdx"))
        {
            _folder.Put("export/Virtual Machines/4711.vmcx", "single.raw");
            await _arrivals.CompletedAsync(1);
            _arrivals.Completed[0].Name.Should().Be("single", "the folder's disk is still being written");
            disk.Write("data"u8);
        }

        var export = (await _arrivals.CompletedAsync(2))[1];
        export.Should().BeEquivalentTo(new { Name = "export", SizeBytes = 4 + new FileInfo(_folder["export/Virtual Machines/4711.vmcx"]).Length });
    }

    [Fact]
    public async Task A_file_that_is_closed_after_a_long_pause_is_taken_at_once_and_not_at_the_next_slow_look()
    {
        await StartAsync(pace: Quick with { Slow = TimeSpan.FromHours(1), Slowest = TimeSpan.FromHours(1) });
        using (Create("web.vmdk"))
        {
            await _arrivals.WaitingAsync();
            _arrivals.Completed.Should().BeEmpty();
        }

        await _arrivals.CompletedAsync(1);
    }

    [Fact]
    public async Task A_thousand_files_at_once_are_all_seen()
    {
        await StartAsync();
        _folder.Put([.. Enumerable.Range(0, 1000).Select(number => $"guest{number}.vmdk")]);

        (await _arrivals.CompletedAsync(1000)).Select(source => source.Name).Distinct().Should().HaveCount(1000);
    }

    [Fact]
    public async Task When_events_were_lost_all_is_looked_at()
    {
        // The watcher's thread is held while more events come than the queue of the kernel takes (fs.inotify.max_queued_events).
        var limit = int.Parse(await File.ReadAllTextAsync("/proc/sys/fs/inotify/max_queued_events"));
        using var hold = new ManualResetEventSlim();
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _arrivals.OnComplete = () =>
        {
            held.TrySetResult();
            hold.Wait();
        };
        _folder.Put("first.vmdk");
        Start();
        await held.Task;
        var noise = _folder[".noise"];
        for (var number = 0; number <= limit / 2; number++)
        {
            File.Create(noise).Dispose();
            File.Delete(noise);
        }

        _folder.Put("last.vmdk");
        hold.Set();

        await _log.ContainsAsync("events of");
        (await _arrivals.CompletedAsync(2)).Select(source => source.Name).Should().Equal("first", "last");
    }

    [Fact]
    public async Task A_watch_folder_that_is_removed_and_made_again_is_watched_again()
    {
        await StartAsync();
        Directory.Delete(_folder.Root, recursive: true);
        await _log.ContainsAsync("cannot be watched");
        _folder.Put("web.vmdk");

        await _arrivals.CompletedAsync(1);
        await _log.ContainsAsync("there again");
        _log.Lines.Count(line => line.Text.Contains("cannot be watched")).Should().Be(1);
    }

    [Fact]
    public async Task A_watch_folder_that_is_moved_away_is_not_watched_at_its_new_place()
    {
        await StartAsync();
        Directory.Move(_folder.Root, Path.Combine(_folder.Elsewhere, "old"));
        await _log.ContainsAsync("cannot be watched");
        await File.WriteAllTextAsync(Path.Combine(_folder.Elsewhere, "old", "stray.vmdk"), "data");
        _folder.Put("web.vmdk");

        (await _arrivals.CompletedAsync(1))[0].Name.Should().Be("web");
    }

    [Fact]
    public async Task A_watch_folder_may_be_a_link()
    {
        var link = Path.Combine(_folder.Elsewhere, "link");
        Directory.CreateSymbolicLink(link, _folder.Root);
        await StartAsync(folder: link);
        _folder.Put("web.vmdk");

        (await _arrivals.CompletedAsync(1))[0].Entries.Should().Equal(Path.Combine(link, "web.vmdk"));
    }

    [Fact]
    public async Task A_polled_folder_needs_no_events()
    {
        await StartAsync(poll: "always");
        await _log.ContainsAsync("is polled every");
        _folder.Put("web.vmdk", "db/db.vmdk");

        (await _arrivals.CompletedAsync(2)).Should().HaveCount(2);
    }

    [Fact]
    public async Task A_rescan_offers_what_has_ceased_to_be_taken()
    {
        _folder.Put("web.vmdk", "db.vmdk");
        _arrivals.Taken[_folder["db.vmdk"]] = true;
        Start();
        await _arrivals.CompletedAsync(1);
        _arrivals.Taken.Clear();
        _watcher!.Rescan();

        (await _arrivals.CompletedAsync(2))[1].Name.Should().Be("db");
    }

    private void Start(string poll = "auto", Pace? pace = null, string? folder = null)
    {
        var configuration = new DaemonConfiguration { WatchDir = folder ?? _folder.Root, OutputDir = _folder.Elsewhere, Poll = poll, PollInterval = TimeSpan.FromMilliseconds(100), FileStableTimeout = TimeSpan.FromMilliseconds(300) };
        _watcher = new Watcher(configuration, _arrivals, _log.Logger, pace: pace ?? Quick);
        _watcher.Start();
    }

    /// <summary>Starts, and lets it pass its first scan: what comes now is told by events.</summary>
    private async Task StartAsync(string poll = "auto", Pace? pace = null, string? folder = null)
    {
        _folder.Put("note.txt");
        Start(poll, pace, folder);
        await _log.ContainsAsync("note.txt");
    }

    private FileStream Create(string name)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[name])!);
        return File.Create(_folder[name]);
    }
}
