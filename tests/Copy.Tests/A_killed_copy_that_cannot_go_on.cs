namespace Hyper2Kvm.Copy.Tests;

/// <summary>Journals of another copy than the one that is asked for: all is copied, and nothing of what was before shows through.</summary>
public sealed class A_killed_copy_that_cannot_go_on : KilledCopy
{
    [Theory]
    [InlineData("{\"clusters\":[{\"first\":99999999,\"entry\":9223372036854841344,\"count\":1}]}")]
    [InlineData("{\"clusters\":[{\"first\":0,\"entry\":9223372036854775808,\"count\":1}]}")]
    [InlineData("{\"clusters\":[{\"first\":0,\"entry\":9223372036854841345,\"count\":1}]}")]
    public void Whose_journal_tells_what_cannot_be_is_copied_anew(string line)
    {
        using var input = new NbdkitServer("file", Source);
        var task = Task(input, null);
        StopAfter(2 * RangeLength, task, Settings("qcow2"), new RecordingObserver());
        File.AppendAllText(task.Journal!, line + "\n");
        MustStartOver(task, "the journal says of cluster", Settings("qcow2"), "qcow2");
    }

    [Fact]
    public void That_was_complete_is_copied_again_to_a_server_that_was_started_anew()
    {
        using var input = new NbdkitServer("file", Source);
        CopyTask task;
        using (var output = new NbdkitServer("file", Work.EmptyImage("target", Size)))
        {
            task = Task(input, output);
            CopyEngine.Run([task], Settings("nbd"), new RecordingObserver(), CancellationToken.None);
        }

        using var empty = new NbdkitServer("file", Work.EmptyImage("target", Size));
        MustStartOver(task with { Target = Workspace.At(empty) }, "the server of the target", Settings("nbd"));
    }

    [Fact]
    public void Without_resume_begins_anew()
    {
        using var input = new NbdkitServer("file", Source);
        var task = Task(input, null);
        StopAfter(2 * RangeLength, task, Settings("raw"), new RecordingObserver());
        var observer = new RecordingObserver();

        CopyEngine.Run([task], Settings("raw"), observer, CancellationToken.None);

        observer.Results.Single().Result.Read.Should().Be(Whole(task));
        MustBeTheSource("raw");
    }

    [Fact]
    public void Does_not_go_on_with_a_server_that_was_started_anew()
    {
        CopyTask task;
        using (var input = new NbdkitServer("--filter=cow", "file", Source))
        {
            task = Task(input, null);
            StopAfter(2 * RangeLength, task, Settings("raw"), new RecordingObserver());
        }

        // The same bytes, as it happens; nobody could know.
        using var again = new NbdkitServer("--filter=cow", "file", Source);
        MustStartOver(task with { Source = Workspace.At(again) }, "the source");
    }

    [Fact]
    public void Does_not_go_on_after_the_source_was_changed()
    {
        using var input = new NbdkitServer("file", Source);
        var task = Task(input, null) with { SourceVersion = "converted at noon" };
        StopAfter(2 * RangeLength, task, Settings("raw"), new RecordingObserver());
        MustStartOver(task with { SourceVersion = "converted at one" }, "the source");
    }

    [Fact]
    public void Does_not_go_on_with_a_target_that_was_made_anew()
    {
        using var input = new NbdkitServer("file", Source);
        var task = Task(input, null);
        StopAfter(2 * RangeLength, task, Settings("raw"), new RecordingObserver());
        File.Delete(task.Target.Path!);
        Work.EmptyImage("target", Size);
        MustStartOver(task, "the target");
    }

    [Theory]
    [InlineData("raw")]
    [InlineData("qcow2")]
    public void Does_not_go_on_with_a_target_that_another_copy_has_written(string form)
    {
        using var input = new NbdkitServer("file", Source);
        var task = Task(input, null);
        StopAfter(2 * RangeLength, task, Settings(form), new RecordingObserver());

        // Of the same size and in place: the file stays the same one.
        var other = Work.RandomImage("other", Size, new Random(8), 40, 16 << 20);
        A_copy.Copy(CopyEndpoint.File(other), task.Target, Settings(form));
        MustStartOver(task, "the target", Settings(form), form);
    }

    [Fact]
    public void Does_not_go_on_with_another_device_of_the_same_name()
    {
        using var input = new NbdkitServer("file", Source);
        var task = Task(input, null) with { Target = CopyEndpoint.File(Work.Path("device")) };
        foreach (var disk in new[] { "target", "second" })
        {
            // The kernel hands out the number of the first once more.
            using var device = new LoopDevice(Work.EmptyImage(disk, 4096 * ((Size / 4096) + 1)));
            File.Delete(task.Target.Path!);
            File.CreateSymbolicLink(task.Target.Path!, device.Path);
            var observer = new RecordingObserver();
            if (disk == "target")
            {
                StopAfter(2 * RangeLength, task, Settings("raw"), observer);
                continue;
            }

            CopyEngine.Run([task], Settings("raw") with { Resume = true }, observer, CancellationToken.None);
            observer.Warnings.Single().Message.Should().Contain("the target");
            Workspace.Run("cmp", "-n", $"{Size}", Source, device.Path).Should().Be(0, "all of it was copied");
        }
    }

    [Fact]
    public void Does_not_go_on_with_a_target_that_was_cut()
    {
        using var input = new NbdkitServer("file", Source);
        var task = Task(input, null);
        StopAfter(2 * RangeLength, task, Settings("raw"), new RecordingObserver());
        using (var file = File.OpenHandle(task.Target.Path!, FileMode.Open, FileAccess.Write)) RandomAccess.SetLength(file, 1 << 20);
        MustStartOver(task, "the target");
    }

    /// <summary>The target was zero before the first copy; now it holds that.</summary>
    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, false)]
    public void That_begins_anew_leaves_nothing_of_the_copy_before_on_a_target_that_was_zero(bool device, bool resume)
    {
        const int Length = 8 << 20;
        var backing = Work.EmptyImage("backing", Length);
        var settings = new CopySettings { DestinationIsZero = true };
        using (var loop = device ? new LoopDevice(backing) : null)
        using (var output = device ? null : new NbdkitServer("file", backing))
        {
            var target = loop?.Endpoint ?? Workspace.At(output!);
            foreach (var seed in new[] { 3, 4 })
            {
                var disk = CopyEndpoint.File(Work.RandomImage($"disk{seed}", Length, new Random(seed), 6, 1 << 20));
                CopyEngine.Run([new CopyTask("vda", disk, target) { Journal = Work.Path("journal") }], settings with { Resume = resume }, new RecordingObserver(), CancellationToken.None);
            }
        }

        Workspace.MustBeEqual(Work.Path("disk4"), backing, "the zeroes of the second disk were written");
    }

    [Fact]
    public void Does_not_go_on_with_a_target_server_that_was_started_anew()
    {
        using var input = new NbdkitServer("file", Source);
        CopyTask task;
        using (var output = new NbdkitServer("file", Work.EmptyImage("target", Size)))
        {
            task = Task(input, output);
            StopAfter(2 * RangeLength, task, Settings("nbd"), new RecordingObserver());
        }

        // A disk of noise instead of the fresh one: all of it is written, the zeroes too.
        Work.RandomImage("target", Size, new Random(7), 200, 4 << 20);
        using var another = new NbdkitServer("file", Work.Path("target"));
        MustStartOver(task with { Target = Workspace.At(another) }, "the server of the target", Settings("nbd") with { DestinationIsZero = true });
    }
}
