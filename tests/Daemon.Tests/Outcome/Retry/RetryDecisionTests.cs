using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Daemon.Configuration;
using Hyper2Kvm.Daemon.Jobs;
using Hyper2Kvm.Daemon.Outcome.Retry;

namespace Hyper2Kvm.Daemon.Tests.Outcome.Retry;

public sealed class RetryDecisionTests
{
    private static readonly RetryPolicy Default = new();

    public static TheoryData<string> AllFailures => new(ErrorCodes.All.Where(code => code != ErrorCodes.Interrupted).Select(code => code.Name));

    [Fact]
    public void A_job_is_tried_again_after_5_10_and_20_minutes_and_then_no_more()
    {
        Verdict After(int retries) => RetryDecision.Of(Default, Outcomes.Failed(ErrorCodes.CopyConnection, retries: retries), Outcomes.Noon);

        After(0).Should().Be(new Verdict(JobState.Retrying, Outcomes.Noon.AddMinutes(5)));
        After(1).Should().Be(new Verdict(JobState.Retrying, Outcomes.Noon.AddMinutes(10)));
        After(2).Should().Be(new Verdict(JobState.Retrying, Outcomes.Noon.AddMinutes(20)));
        After(3).Should().Be(new Verdict(JobState.Failed));
    }

    [Theory]
    [MemberData(nameof(AllFailures))]
    public void Only_what_can_pass_is_tried_again(string name)
    {
        var code = ErrorCodes.All.Single(code => code.Name == name);

        RetryDecision.Of(Default, Outcomes.Failed(code), Outcomes.Noon).State.Should().Be(code.CanPass ? JobState.Retrying : JobState.Failed);
    }

    [Fact]
    public void A_job_that_the_daemon_stopped_goes_back_into_the_queue_however_often_it_was_tried()
        => RetryDecision.Of(Default, Outcomes.Failed(ErrorCodes.Interrupted, retries: 3), Outcomes.Noon).Should().Be(new Verdict(JobState.Queued));

    [Theory]
    [InlineData(137, nameof(JobState.Retrying))] // SIGKILL: out of memory
    [InlineData(139, nameof(JobState.Retrying))]
    [InlineData(130, nameof(JobState.Queued))]
    [InlineData(1, nameof(JobState.Failed))]
    [InlineData(17, nameof(JobState.Failed))] // input.corrupt
    [InlineData(68, nameof(JobState.Retrying))] // copy.no-space
    public void A_try_that_ended_without_a_word_is_judged_by_its_exit_code(int exitCode, string state)
        => RetryDecision.Of(Default, Outcomes.Died(exitCode), Outcomes.Noon).State.ToString().Should().Be(state);

    [Fact]
    public void Without_retries_a_failure_is_final()
    {
        var failure = Outcomes.Failed(ErrorCodes.CopyConnection);

        RetryDecision.Of(Default with { Enabled = false }, failure, Outcomes.Noon).State.Should().Be(JobState.Failed);
        RetryDecision.Of(Default with { MaxRetries = 0 }, failure, Outcomes.Noon).State.Should().Be(JobState.Failed);
        RetryDecision.Of(Default with { Enabled = false }, Outcomes.Succeeded(), Outcomes.Noon).State.Should().Be(JobState.Succeeded);
    }

    [Fact]
    public void The_policy_sets_the_times()
    {
        var policy = new RetryPolicy { RetryDelay = TimeSpan.FromSeconds(10), BackoffMultiplier = 3, MaxRetries = 200 };

        RetryDecision.Delay(policy, 2).Should().Be(TimeSpan.FromSeconds(90));
        RetryDecision.Delay(policy with { BackoffMultiplier = 1 }, 150).Should().Be(TimeSpan.FromSeconds(10));
        RetryDecision.Delay(policy, 150).Should().Be(RetryDecision.LongestDelay, "a time has to stay one");
    }
}
