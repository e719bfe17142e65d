using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Daemon.Jobs;
using Hyper2Kvm.Daemon.Outcome.Deduplication;
using Microsoft.Data.Sqlite;

namespace Hyper2Kvm.Daemon.Tests.Outcome.Deduplication;

public sealed class DeduplicationStoreTests : IDisposable
{
    private const int DiskBytes = 6 << 20;
    private const int PartitionStart = (3 << 20) + 512;

    private readonly TemporaryDirectory _watch = new();
    private readonly TemporaryDirectory _state = new();
    private readonly ManualClock _clock = new();
    private readonly LogLines _log = new();

    private string DatabasePath => _state.File("deduplication.db");

    public void Dispose()
    {
        _watch.Dispose();
        _state.Dispose();
    }

    public static TheoryData<bool> Ways => new(false, true);

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_guest_that_was_converted_is_known_again_also_after_a_restart(bool byContent)
    {
        using (var first = Open())
        {
            first.Find(Disk("web01.vmdk", "one"), byContent, default).Should().BeNull();
            first.Ended(Outcomes.Succeeded(Disk("web01.vmdk", "one")), new Verdict(JobState.Succeeded));
        }

        using var second = Open();
        var found = second.Find(Disk("web01.vmdk", "one"), byContent, default)!;
        (found.FileName, found.OutputPath, found.ProcessedAt, found.Status).Should().Be(("web01.vmdk", "/out/2026-03-01/web01", Outcomes.Noon, "success"));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Another_guest_with_a_disk_of_the_same_name_and_size_is_not_taken_for_it(bool byContent)
    {
        using var store = Open();
        Convert(store, Disk("disk.vmdk", "one"), byContent);

        store.Find(Disk("disk.vmdk", "two"), byContent, default).Should().BeNull();
    }

    [Theory]
    [InlineData(512, "the content id in a descriptor, the id in a header")]
    [InlineData(DiskBytes - 400, "the unique id in a VHD's footer")]
    [InlineData(PartitionStart + 70_000, "the write time of a file system that is no sample otherwise")]
    public void One_byte_where_disks_tell_themselves_apart_is_enough(int offset, string why)
    {
        using var store = Open();
        Convert(store, Disk("disk.raw", "one"), byContent: false);

        var other = Disk("disk.raw", "one");
        Change(other.Sources[0], offset);

        store.Find(other, byContent: false, default).Should().BeNull(why);
    }

    [Fact]
    public void The_same_disks_in_two_folders_are_two_guests_by_name_and_one_by_content()
    {
        using var store = Open();
        Convert(store, Folder("web01", "one"), byContent: true);

        store.Find(Folder("web01", "one"), byContent: false, default).Should().NotBeNull();
        store.Find(Folder("web02", "one"), byContent: false, default).Should().BeNull();
        store.Find(Folder("web02", "one"), byContent: true, default)!.FilePath.Should().Be(_watch.File("web01/disk.vmdk"));
    }

    [Fact]
    public void By_content_a_name_makes_no_difference_and_SHA_256_decides()
    {
        using var store = Open();
        Convert(store, Disk("a.vmdk", "one"), byContent: true);

        store.Find(Disk("b.vmdk", "one"), byContent: true, default).Should().NotBeNull();
        Execute("UPDATE processed_files SET sha256_hash = 'another', identity = 'another'");
        store.Find(Disk("a.vmdk", "one"), byContent: true, default).Should().BeNull("an equal MD5 is not enough");
    }

    [Fact]
    public void Both_hashes_are_those_of_the_content()
    {
        using var store = Open();
        File.WriteAllText(_watch.File("a.raw"), "abc"); // the vectors of RFC 1321 and FIPS 180
        Convert(store, Outcomes.Source(_watch.File("a.raw"), 3), byContent: true);

        Query("SELECT md5_hash FROM processed_files").Should().Be("900150983cd24fb0d6963f7d28e17f72");
        Query("SELECT sha256_hash FROM processed_files").Should().Be("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        Query("SELECT count(*) FROM seen_files").Should().Be(0L);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_guest_that_failed_may_come_again(bool byContent)
    {
        using var store = Open();
        var source = Disk("web01.vmdk", "one");
        store.Find(source, byContent, default);
        store.Ended(Outcomes.Failed(ErrorCodes.CopyConnection, source), new Verdict(JobState.Retrying, Outcomes.Noon));
        store.Ended(Outcomes.Failed(ErrorCodes.InputCorrupt, source), new Verdict(JobState.Failed));
        store.Find(source, byContent, default).Should().BeNull();

        store.Ended(Outcomes.Succeeded(source), new Verdict(JobState.Succeeded));
        store.Find(source, byContent, default).Should().NotBeNull();
        Query("SELECT group_concat(status) FROM (SELECT status FROM processed_files ORDER BY id)").Should().Be("failed,success");
    }

    [Fact]
    public void Records_older_than_90_days_go_daily()
    {
        using var store = Open();
        Convert(store, Disk("old.vmdk", "one"), byContent: false);
        _clock.Advance(TimeSpan.FromDays(45));
        Convert(store, Disk("new.vmdk", "two"), byContent: false);

        _clock.Advance(TimeSpan.FromDays(45));
        Query("SELECT group_concat(filename) FROM (SELECT filename FROM processed_files ORDER BY id)").Should().Be("old.vmdk,new.vmdk");
        _clock.Advance(TimeSpan.FromDays(1));
        Query("SELECT group_concat(filename) FROM (SELECT filename FROM processed_files ORDER BY id)").Should().Be("new.vmdk");
    }

    [Fact]
    public void A_database_of_the_Python_program_is_taken_over()
    {
        var disk = Disk("disk.vmdk", "one");
        var md5 = ContentHash.Of(SourceFile.Of(disk), default).Md5;
        Execute($"""
            CREATE TABLE processed_files(id INTEGER PRIMARY KEY AUTOINCREMENT, filename TEXT NOT NULL,
             filepath TEXT NOT NULL, file_size INTEGER NOT NULL, md5_hash TEXT, processed_at TEXT NOT NULL,
             output_path TEXT, status TEXT NOT NULL, UNIQUE(filename, file_size));
            CREATE INDEX idx_filename ON processed_files(filename); CREATE INDEX idx_md5_hash ON processed_files(md5_hash);
            INSERT INTO processed_files(filename, filepath, file_size, md5_hash, processed_at, output_path, status) VALUES
             ('disk.vmdk', '/old/disk.vmdk', {DiskBytes}, '{md5}', '2026-02-20T10:30:00.123456', '/old/out', 'success'),
             ('unread.vmdk', '/old/unread.vmdk', {DiskBytes}, '', '2026-02-20T10:30:00', NULL, 'success'),
             ('ancient.vmdk', '/old/ancient.vmdk', 5, NULL, '2024-01-01T00:00:00', NULL, 'failed');
            """);

        using var store = Open();

        Query("SELECT group_concat(filename || ' ' || coalesce(md5_hash, '-')) FROM (SELECT * FROM processed_files ORDER BY id)").Should().Be($"disk.vmdk {md5},unread.vmdk -");
        store.Find(disk, byContent: true, default)!.OutputPath.Should().Be("/old/out", "its MD5 is all that there is");
        store.Find(disk, byContent: false, default).Should().BeNull("name and size tell no two guests apart");
        Convert(store, disk, byContent: false);
        Convert(store, Disk("disk.vmdk", "two"), byContent: false);
        Query("SELECT count(*) FROM processed_files WHERE filename = 'disk.vmdk'").Should().Be(3L, "the old table allowed a name and size once");
    }

    [Fact]
    public void A_database_of_a_later_version_is_refused_and_left_alone()
    {
        Execute("PRAGMA user_version = 9");

        FluentActions.Invoking(Open).Should().Throw<StepException>().Which.Code.Should().Be(ErrorCodes.Document);
        Query("PRAGMA user_version").Should().Be(9L);
    }

    [Fact]
    public void A_damaged_database_is_put_aside_and_told()
    {
        File.WriteAllText(DatabasePath, "this is no database, and it is long enough to be told from an empty one");

        using var store = Open();
        Convert(store, Disk("a.vmdk", "one"), byContent: false);

        store.Find(Disk("a.vmdk", "one"), byContent: false, default).Should().NotBeNull();
        File.ReadAllText($"{DatabasePath}.damaged").Should().StartWith("this is no database");
        _log.Lines.Should().ContainSingle(line => line.Contains("deduplication.db.damaged"));
    }

    [Fact]
    public void Damage_that_comes_while_the_daemon_runs_costs_the_records_and_nothing_else()
    {
        using var store = Open();
        for (var i = 0; i < 3; i++)
        {
            Convert(store, Disk($"{i}.vmdk", "one"), byContent: false);
        }

        using (var file = new FileStream(DatabasePath, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            file.Write(new byte[file.Length]);
        }

        Convert(store, Disk("a.vmdk", "one"), byContent: false);
        store.Find(Disk("a.vmdk", "one"), byContent: false, default).Should().NotBeNull();
        File.Exists($"{DatabasePath}.damaged").Should().BeTrue();
    }

    [Fact]
    public void Hashing_can_be_given_up_and_nobody_waits_for_it()
    {
        using var store = Open();
        using var stop = new CancellationTokenSource();
        stop.Cancel();

        store.Invoking(open => open.Find(Disk("a.vmdk", "one"), byContent: true, stop.Token)).Should().Throw<OperationCanceledException>();
        store.Find(Disk("a.vmdk", "one"), byContent: false, default).Should().BeNull();
    }

    [Fact]
    public void Of_a_terabyte_6_MiB_are_read_at_most()
    {
        var source = Disk("huge.raw", "one");
        using (var huge = new FileStream(source.Sources[0], FileMode.Open))
        {
            huge.SetLength(1L << 40);
        }

        var before = BytesRead();
        SourceIdentity.Of(SourceFile.Of(source));

        (BytesRead() - before).Should().BeInRange(3 << 20, 6 << 20);
    }

    /// <summary>What this thread has read so far (proc(5), /proc/pid/io, rchar).</summary>
    private static long BytesRead() => long.Parse(File.ReadLines("/proc/thread-self/io").First().Split(' ')[1]);

    private DeduplicationStore Open() => new(DatabasePath, _clock, _log.Log);

    private void Convert(DeduplicationStore store, SourceGroup source, bool byContent)
    {
        store.Find(source, byContent, default).Should().BeNull();
        store.Ended(Outcomes.Succeeded(source) with { Ended = _clock.GetUtcNow() }, new Verdict(JobState.Succeeded));
    }

    /// <summary>A disk with one partition; its content depends on the seed alone.</summary>
    private SourceGroup Disk(string name, string seed)
    {
        var path = _watch.File(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var content = new byte[DiskBytes];
        new Random(seed.Length * 31 + seed[0]).NextBytes(content.AsSpan(4096));
        (content[510], content[511]) = (0x55, 0xaa);
        BitConverter.TryWriteBytes(content.AsSpan(446 + 8), PartitionStart / 512);
        File.WriteAllBytes(path, content);
        return Outcomes.Source(path, DiskBytes);
    }

    private SourceGroup Folder(string name, string seed) => Disk($"{name}/disk.vmdk", seed) with { Entries = [_watch.File(name)] };

    private static void Change(string path, long offset)
    {
        using var file = new FileStream(path, FileMode.Open);
        file.Position = offset;
        var old = file.ReadByte();
        file.Position = offset;
        file.WriteByte((byte)(old ^ 1));
    }

    private void Execute(string statements) => Query(statements);

    private object? Query(string query)
    {
        using var connection = new SqliteConnection($"Data Source={DatabasePath};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = query;
        return command.ExecuteScalar();
    }
}
