using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Daemon.Jobs;
using Hyper2Kvm.Daemon.Queue;
using Hyper2Kvm.Daemon.Tests.Support;

namespace Hyper2Kvm.Daemon.Tests.Queue;

public sealed class JobStoreTests : IDisposable
{
    private readonly TemporaryDirectory _scratch = new();
    private JobStore _store;

    public JobStoreTests() => _store = JobStore.Open(_scratch.File(JobStore.FileName));

    public void Dispose()
    {
        _store.Dispose();
        _scratch.Dispose();
    }

    [Fact]
    public void A_job_outlives_its_daemon_with_everything_it_has()
    {
        var job = Some.Job(Some.Source("/in", "ä 'web'.vmdk", "web-flat.vmdk"));
        _store.Add(job);
        _store.Begin(job.Id, Some.Noon.AddSeconds(5), "/out/x").Should().BeTrue();
        _store.Conclude(Some.Outcome(job, "input.busy"), new Verdict(JobState.Retrying, Some.Noon.AddHours(1)));

        Reopen();

        _store.Find(job.Id).Should().BeEquivalentTo(job with
        {
            State = JobState.Retrying,
            Started = Some.Noon.AddSeconds(5),
            Ended = Some.Noon.AddMinutes(1),
            NextAttempt = Some.Noon.AddHours(1),
            Retries = 1,
            OutputPath = "/out/2026-03-01/x",
            ErrorCode = "input.busy",
            Error = "it is broken",
        });
    }

    [Fact]
    public void Only_one_caller_begins_a_job()
    {
        var job = Some.Job(Some.Source("/in", "x.raw"));
        _store.Add(job);

        var won = Enumerable.Range(0, 16).AsParallel().WithDegreeOfParallelism(8).Count(_ => _store.Begin(job.Id, Some.Noon, "/out/x"));

        won.Should().Be(1);
    }

    [Theory]
    [InlineData(JobState.Succeeded)]
    [InlineData(JobState.Failed)]
    [InlineData(JobState.Cancelled)]
    [InlineData(JobState.Skipped)]
    public void What_has_ended_does_not_begin(object state)
    {
        var job = Some.Job(Some.Source("/in", "x.raw"));
        _store.Add(job);
        _store.Move(job.Id, (JobState)state, JobState.Queued);

        _store.Begin(job.Id, Some.Noon, "/out/x").Should().BeFalse();
    }

    [Fact]
    public void A_job_is_unsettled_until_its_files_are_put_away()
    {
        var job = Some.Job(Some.Source("/in", "x.raw"));
        _store.Add(job);
        _store.Begin(job.Id, Some.Noon, "/out/x");
        _store.Conclude(Some.Outcome(job), new Verdict(JobState.Succeeded));
        _store.Unsettled().Should().ContainSingle().Which.Id.Should().Be(job.Id);

        _store.Settle(job.Id, Some.Source("/in/.processed/2026-03-01", "x.raw"));

        _store.Unsettled().Should().BeEmpty();
        _store.Find(job.Id)!.Source.Entries.Should().Equal("/in/.processed/2026-03-01/x.raw");
    }

    [Fact]
    public void A_person_brings_a_failed_job_back_with_all_its_retries()
    {
        var job = Some.Job(Some.Source("/in", "x.raw"));
        _store.Add(job);
        for (var retry = 0; retry < 3; retry++)
        {
            _store.Begin(job.Id, Some.Noon, "/out/x");
            _store.Conclude(Some.Outcome(job, "input.busy"), new Verdict(JobState.Retrying, Some.Noon));
        }

        _store.Begin(job.Id, Some.Noon, "/out/x");
        _store.Requeue(job.Id).Should().BeFalse("it runs");
        _store.Conclude(Some.Outcome(job, "input.busy"), new Verdict(JobState.Failed));

        _store.Requeue(job.Id).Should().BeTrue();

        var found = _store.Find(job.Id)!;
        (found.State, found.Retries, found.IsForced).Should().Be((JobState.Queued, 0, true));
    }

    [Fact]
    public void Only_settled_jobs_that_ended_long_ago_are_forgotten()
    {
        foreach (var (id, state) in ((string, JobState)[])[("job-a", JobState.Succeeded), ("job-b", JobState.Failed), ("job-c", JobState.Retrying)])
        {
            var job = Some.Job(Some.Source("/in", "x.raw"), id);
            _store.Add(job);
            _store.Begin(id, Some.Noon, "/out/x");
            _store.Conclude(Some.Outcome(job, state == JobState.Succeeded ? null : "copy.failed"), new Verdict(state, Some.Noon));
            if (state != JobState.Failed)
            {
                _store.Settle(id, job.Source);
            }
        }

        _store.Forget(Some.Noon.AddDays(90));

        _store.List(null, 10).Select(job => job.Id).Should().BeEquivalentTo("job-b", "job-c");
    }

    [Fact]
    public void A_database_that_is_damaged_is_told_with_its_remedy()
    {
        _store.Dispose();
        File.WriteAllText(_scratch.File(JobStore.FileName), new string('x', 10_000));

        var act = () => JobStore.Open(_scratch.File(JobStore.FileName));

        act.Should().Throw<StepException>().Which.Code.Should().Be(ErrorCodes.DaemonState);
        File.Delete(_scratch.File(JobStore.FileName));
        _store = JobStore.Open(_scratch.File(JobStore.FileName));
    }

    private void Reopen()
    {
        _store.Dispose();
        _store = JobStore.Open(_scratch.File(JobStore.FileName));
    }
}
