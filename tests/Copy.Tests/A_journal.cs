using Hyper2Kvm.Copy.Journal;
using Hyper2Kvm.Core.Errors;

namespace Hyper2Kvm.Copy.Tests;

/// <summary>The file of a copy's journal: torn, somebody else's, or in no place for one.</summary>
public sealed class A_journal : KilledCopy
{
    [Fact]
    public void With_a_torn_journal_trusts_what_is_whole_in_it()
    {
        using var input = new NbdkitServer("file", Source);
        var task = Task(input, null);
        foreach (var damage in new Func<byte[], byte[]>[]
        {
            bytes => bytes[..^1],
            bytes => bytes[..^20],
            bytes => [.. bytes, .. "{\"done\":[0,"u8],
            bytes => [.. bytes, .. new byte[4096]],
            _ => [],
            bytes => bytes[..30],
            bytes => bytes[..5],
        })
        {
            StopAfter(3 * RangeLength, task, Settings("raw"), new RecordingObserver());
            File.WriteAllBytes(task.Journal!, damage(File.ReadAllBytes(task.Journal!)));

            CopyEngine.Run([task], Settings("raw") with { Resume = true }, new RecordingObserver(), CancellationToken.None);
            MustBeTheSource("raw");
        }
    }

    /// <summary>Killed before the next copy has said what it is: nothing is finished, but the target is no fresh disk.</summary>
    [Fact]
    public void That_was_forgotten_still_tells_that_there_was_a_copy()
    {
        var (first, second) = (Header("first"), Header("second"));
        Change(journal =>
        {
            journal.Begin(first);
            journal.Note(Bytes(4096), []);
            journal.Complete();
        });
        Change(journal => journal.Forget());
        Change(journal =>
        {
            (journal.Header, journal.Done.Total, journal.IsComplete).Should().Be((first, 0UL, false));
            journal.Begin(second);
            journal.Note(Bytes(512), []);
        });
        Change(journal => (journal.Header, journal.Done.Total).Should().Be((second, 512UL)));

        static JournalHeader Header(string name) => new() { Version = JournalHeader.CurrentVersion, Source = name, Target = name, Format = "raw" };
        void Change(Action<CopyJournal> action)
        {
            using var journal = CopyJournal.Open(Work.Path("journal"));
            action(journal);
        }

        static ByteRanges Bytes(ulong length)
        {
            var ranges = new ByteRanges();
            ranges.Add(0, length);
            return ranges;
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1 << 20)]
    public void Refuses_a_journal_that_is_another_file_and_leaves_it_as_it_is(int zeroes)
    {
        var task = new CopyTask("vda", CopyEndpoint.File(Source), CopyEndpoint.File(Work.Path("target"))) { Journal = Work.Path("journal") };
        byte[] content = [.. new byte[zeroes], .. "hello\n"u8];
        File.WriteAllBytes(task.Journal, content);
        foreach (var resume in new[] { false, true })
        {
            var copy = () => CopyEngine.Run([task], Settings("raw") with { Resume = resume }, new RecordingObserver(), CancellationToken.None);

            copy.Should().Throw<StepException>().WithMessage($"*{task.Journal} is no journal*").Which.Code.Should().Be(ErrorCodes.Usage);
            File.ReadAllBytes(task.Journal).Should().Equal(content);
            File.Exists(task.Target.Path).Should().BeFalse("nothing was begun");
        }
    }

    [Theory]
    [InlineData("/dev/full")]
    [InlineData("/nowhere/journal")]
    public void Without_a_place_for_its_journal_does_not_begin(string place)
    {
        using var input = new NbdkitServer("file", Source);
        var target = Work.RandomImage("target", 1 << 20, new Random(3), 10, 1 << 20);
        var before = File.ReadAllBytes(target);
        var copy = () => CopyEngine.Run([Task(input, null) with { Journal = place }], Settings("raw"), new RecordingObserver(), CancellationToken.None);
        copy.Should().Throw<CopyException>().WithMessage($"*{place}*journal*");
        File.ReadAllBytes(target).Should().Equal(before);
    }
}
