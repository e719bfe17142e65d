using Microsoft.Data.Sqlite;
using Quartz;
using Quartz.Extensibility;

namespace Hyper2Kvm.Daemon.Queue;

/// <summary>When each job begins: Quartz's scheduler on its store in <c>queue.db</c>, which outlives a kill and a power cut.</summary>
/// <remarks>It holds no more than the id of a job and its time; what a job is stands in <see cref="JobStore"/>.</remarks>
internal sealed class ConversionSchedule : IAsyncDisposable
{
    private const int MostAtOnce = 64;
    private const string Group = "conversions";

    private readonly IScheduler _scheduler;

    private ConversionSchedule(IScheduler scheduler) => _scheduler = scheduler;

    /// <summary>Opens the store. Nothing begins before <see cref="Resume"/>.</summary>
    /// <param name="database">The file.</param>
    /// <param name="run">Does a job; called on a thread of its own with its id.</param>
    /// <param name="mostAtOnce">Most jobs at once.</param>
    public static async Task<ConversionSchedule> Open(string database, Action<string, CancellationToken> run, int mostAtOnce)
    {
        var scheduler = await QuartzSchedulerBuilder.Create(builder =>
        {
            builder.UsePersistentStore(store =>
            {
                store.UseSqlite(SqliteFactory.Instance, new SqliteConnectionStringBuilder { DataSource = database }.ToString());
                store.ProvisionSchema();

                // A job that has waited long is not late: without this, the order in which jobs came would be lost.
                store.ConfigureStore(options => (options.MisfireThreshold, options.MisfireHandlerFrequency) = (TimeSpan.FromDays(3650), TimeSpan.FromDays(1)));
            });
            builder.UseDefaultThreadPool(MostAtOnce);
            builder.UseJobFactory(new ConversionFactory(run));
        }).BuildScheduler().ConfigureAwait(false);
        var schedule = new ConversionSchedule(scheduler);
        await schedule.Limit(mostAtOnce).ConfigureAwait(false);
        return schedule;
    }

    /// <summary>Changes how many jobs run at once; those that run go on.</summary>
    /// <param name="mostAtOnce">How many.</param>
    public async Task Limit(int mostAtOnce)
        => await _scheduler.SetExecutionLimits(ExecutionLimitsBuilder.Create().ForDefaultGroup(mostAtOnce).Build()).ConfigureAwait(false);

    /// <summary>A job is to begin at a time, or as soon as there is a place.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="at">When, UTC.</param>
    public async Task Add(string id, DateTimeOffset at)
        => await _scheduler.ScheduleJob(
            JobBuilder.Create<Conversion>().WithIdentity(id, Group).RequestRecovery().Build(),
            [TriggerBuilder.Create().WithIdentity(id, Group).StartAt(at).Build()],
            ScheduleJobOptions.Replacing).ConfigureAwait(false);

    /// <summary>Whether a job is to begin.</summary>
    /// <param name="id">Its id.</param>
    public async Task<bool> Has(string id) => await _scheduler.Exists(new JobKey(id, Group)).ConfigureAwait(false);

    /// <summary>A job is not to begin.</summary>
    /// <param name="id">Its id.</param>
    public async Task Remove(string id) => await _scheduler.DeleteJob(new JobKey(id, Group)).ConfigureAwait(false);

    /// <summary>Jobs begin.</summary>
    public async Task Resume() => await _scheduler.Start().ConfigureAwait(false);

    /// <summary>No job begins; those that run go on.</summary>
    public async Task Pause() => await _scheduler.Standby().ConfigureAwait(false);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await _scheduler.Shutdown(waitForJobsToComplete: true).ConfigureAwait(false);

    private sealed class ConversionFactory(Action<string, CancellationToken> run) : IJobFactory
    {
        public ValueTask<JobScope> CreateJob(TriggerFiredBundle bundle, IScheduler scheduler, CancellationToken cancellationToken)
            => ValueTask.FromResult(new JobScope(new Conversion(run)));

        public ValueTask ReturnJob(JobScope scope, CancellationToken cancellationToken) => ValueTask.CompletedTask;
    }

    private sealed class Conversion(Action<string, CancellationToken> run) : IJob
    {
        // A conversion blocks its thread for minutes: not one of the pool's.
        public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
            => await Task.Factory.StartNew(() => run(context.JobDetail.Key.Name, cancellationToken), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
    }
}
