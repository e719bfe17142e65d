using Hyper2Kvm.Core.Documents;

namespace Hyper2Kvm.Copy.Tests;

/// <summary>A disk of several ranges, and a copy of it that was stopped in the middle.</summary>
public abstract class KilledCopy : IDisposable
{
    private protected const ulong RangeLength = 64 << 20;
    private protected const int Size = (5 * (int)RangeLength) + 12345;

    private protected KilledCopy()
    {
        // Data nearly everywhere, so that it has several ranges.
        Source = Work.RandomImage("source", Size, new Random(1), 40, 16 << 20);
    }

    public static TheoryData<string> Forms => new("raw", "qcow2", "compressed", "small clusters", "allocated qcow2", "nbd");

    private protected Workspace Work { get; } = new();

    private protected string Source { get; }

    public void Dispose()
    {
        Work.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected static CopySettings Settings(string form)
    {
        // Notes after every range, one range at a time.
        var often = new CopySettings { NoteEvery = TimeSpan.Zero, Connections = 1 };
        return form switch
        {
            "qcow2" => often with { Qcow2 = new Qcow2Options() },
            "allocated qcow2" => often with { Qcow2 = new Qcow2Options(), Allocated = true },
            "compressed" => often with { Qcow2 = new Qcow2Options { Compressed = true } },
            "small clusters" => often with { Qcow2 = new Qcow2Options { ClusterBytes = 512 } },
            _ => often,
        };
    }

    private protected static void StopAfter(ulong bytes, CopyTask task, CopySettings settings, RecordingObserver observer)
    {
        using var cancellation = new CancellationTokenSource();
        var stopping = new RecordingObserver((_, done) =>
        {
            if (done > bytes) cancellation.Cancel();
        });
        var copy = () => CopyEngine.Run([task], settings, stopping, cancellation.Token);
        copy.Should().Throw<OperationCanceledException>();
        foreach (var result in stopping.Results) observer.Results.Enqueue(result);
    }

    private protected void MustStartOver(CopyTask task, string because, CopySettings? settings = null, string form = "raw")
    {
        var observer = new RecordingObserver();
        CopyEngine.Run([task], (settings ?? Settings("raw")) with { Resume = true }, observer, CancellationToken.None);
        observer.Warnings.Single().Message.Should().Contain(because);
        observer.Results.Single().Result.Read.Should().BeGreaterThanOrEqualTo(Whole(task), "an image is read by the cluster");
        MustBeTheSource(form);
    }

    /// <summary>Bytes that a copy of all reads.</summary>
    private protected ulong Whole(CopyTask task)
    {
        var observer = new RecordingObserver();
        CopyEngine.Run([new CopyTask("all", task.Source, CopyEndpoint.File(Work.Path("all")))], new CopySettings(), observer, CancellationToken.None);
        return observer.Results.Single().Result.Read;
    }

    private protected CopyTask Task(NbdkitServer input, NbdkitServer? output) =>
        new("vda", Workspace.At(input), output is null ? CopyEndpoint.File(Work.Path("target")) : Workspace.At(output)) { Journal = Work.Path("journal") };

    private protected void MustBeTheSource(string form)
    {
        if (form is "raw" or "nbd")
        {
            Workspace.MustBeEqual(Source, Work.Path("target"), form);
            return;
        }

        Workspace.Run("qemu-img", "check", "-q", "-f", "qcow2", Work.Path("target")).Should().Be(0, "it has no error and no leak");
        Workspace.Run("qemu-img", "compare", "-q", "-f", "raw", "-F", "qcow2", Source, Work.Path("target")).Should().Be(0, "it is the disk");
    }
}
