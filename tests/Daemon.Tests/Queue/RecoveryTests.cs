using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Work;
using Hyper2Kvm.Daemon.Configuration;
using Hyper2Kvm.Daemon.Jobs;
using Hyper2Kvm.Daemon.Queue;
using Hyper2Kvm.Daemon.Running;
using Hyper2Kvm.Daemon.Tests.Support;
using Serilog.Core;

namespace Hyper2Kvm.Daemon.Tests.Queue;

/// <summary>What the next daemon makes of a job that was killed at each point of its way.</summary>
public sealed class RecoveryTests : IDisposable, IRunnerSurroundings, IOutcomeListener
{
    private readonly TemporaryDirectory _scratch = new();
    private readonly JobStore _store;
    private readonly DaemonJob _job;
    private readonly List<string> _told = [];
    private readonly List<string> _scheduled = [];

    public RecoveryTests()
    {
        Environment.SetEnvironmentVariable("HYPER2KVM_EXEC_PATH", Path.Combine(RepositoryRoot.Path, "artifacts/hyper2kvm/libexec"));
        Directory.CreateDirectory(_scratch.File("in"));
        File.WriteAllText(_scratch.File("in/web.raw"), "x");
        _store = JobStore.Open(_scratch.File(JobStore.FileName));
        _job = Some.Job(Some.Source(_scratch.File("in"), "web.raw"));
        _store.Add(_job);
    }

    DaemonConfiguration IRunnerSurroundings.Configuration => new() { WatchDir = _scratch.File("in"), OutputDir = _scratch.File("out"), Job = Template };

    IReadOnlyList<IOutcomeListener> IRunnerSurroundings.Listeners => [this];

    private static Job Template => new() { Schema = Job.SchemaName, Id = string.Empty };

    private string Output => _scratch.File("out/2026-03-01/web");

    private string Work => Conversion.WorkDirectoryOf(((IRunnerSurroundings)this).Configuration, _job.Id);

    public void Dispose()
    {
        _store.Dispose();
        _scratch.Dispose();
    }

    [Fact]
    public void Killed_after_the_guest_was_whole_it_is_recorded_and_not_converted_again()
    {
        Begin();
        File.WriteAllText(WorkDirectory.Use(Work).DoneFlag, string.Empty);
        File.WriteAllText(Path.Combine(Output, "web-sda"), "guest");

        Recover();

        _store.Find(_job.Id)!.State.Should().Be(JobState.Succeeded);
        _told.Should().Equal("Succeeded");
        File.Exists(Path.Combine(Output, "web-sda")).Should().BeTrue();
        Directory.EnumerateFiles(_scratch.File("in/.processed"), "web.raw", SearchOption.AllDirectories).Should().ContainSingle();
        Directory.Exists(Work).Should().BeFalse();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Killed_before_that_it_begins_again_and_nothing_half_made_stays(bool hadRun)
    {
        Begin();
        var work = WorkDirectory.Use(Work);
        work.Save(Template with { Id = _job.Id, Output = new JobOutput { Type = "local", Storage = Output } });
        if (hadRun)
        {
            work.HoldShared().Dispose(); // what every step leaves: its lock
        }

        Recover();

        _store.Find(_job.Id)!.State.Should().Be(JobState.Queued);
        _told.Should().BeEmpty();
        File.Exists(_scratch.File("in/web.raw")).Should().BeTrue();
        (Directory.Exists(Work), Directory.Exists(Output)).Should().Be((false, false));
    }

    [Fact]
    public void Killed_before_anything_of_its_try_was_made_it_begins_again()
    {
        Begin();
        Directory.Delete(Output);

        Recover();

        _store.Find(_job.Id)!.State.Should().Be(JobState.Queued);
    }

    [Theory]
    [InlineData(JobState.Failed, false)]
    [InlineData(JobState.Retrying, true)]
    public void Killed_between_the_verdict_and_its_files_these_are_put_away(object state, bool scheduled)
    {
        Begin();
        _store.Conclude(Some.Outcome(_job, "copy.no-space"), new Verdict((JobState)state, Some.Noon.AddHours(1)));

        Recover();

        File.Exists(_scratch.File("in/.errors/web.raw")).Should().BeTrue();
        _store.Unsettled().Should().BeEmpty();
        (_scheduled.Count > 0).Should().Be(scheduled);
        _store.Find(_job.Id)!.Source.Entries.Should().Equal(_scratch.File("in/.errors/web.raw"));
    }

    [Fact]
    public void A_second_recovery_finds_nothing_to_do()
    {
        Begin();
        File.WriteAllText(WorkDirectory.Use(Work).DoneFlag, string.Empty);
        Recover();

        Recover();

        _told.Should().Equal("Succeeded");
    }

    void IOutcomeListener.Ended(JobOutcome outcome, Verdict verdict) => _told.Add(verdict.State.ToString());

    string? IRunnerSurroundings.ConvertedBefore(SourceGroup source, CancellationToken stop) => null;

    Verdict IRunnerSurroundings.Decide(JobOutcome outcome) => new(JobState.Failed);

    void IRunnerSurroundings.Schedule(string id, DateTimeOffset at) => _scheduled.Add(id);

    void IRunnerSurroundings.Taken(SourceGroup source)
    {
    }

    void IRunnerSurroundings.Released(SourceGroup from, SourceGroup to)
    {
    }

    private void Begin()
    {
        Directory.CreateDirectory(Output);
        _store.Begin(_job.Id, Some.Noon, Output).Should().BeTrue();
    }

    private void Recover()
    {
        var runner = new JobRunner(_store, this, Logger.None, TimeProvider.System);
        new Recovery(_store, runner, ((IRunnerSurroundings)this).Configuration, Logger.None, TimeProvider.System).Run();
    }
}
