using System.Diagnostics;
using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Events;
using Hyper2Kvm.Core.Keys;
using Hyper2Kvm.Core.Programs;
using Hyper2Kvm.Core.Work;
using Hyper2Kvm.Supervisor.Display;

namespace Hyper2Kvm.Supervisor.Running;

/// <summary>One run: starts the helpers in their order, and leaves nothing behind however it ends. No conversion logic.</summary>
internal sealed class ConversionRun : IDisposable
{
    private readonly RunSettings _settings;
    private readonly WorkDirectory _work;
    private readonly IDisposable _held;
    private readonly EventWriter _own;
    private readonly EventMerger _events;
    private readonly List<HelperProcess> _serving = [];
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private bool _targetTouched;

    private ConversionRun(Job job, RunSettings settings, WorkDirectory work, HeldKeys keys, IDisplay display)
    {
        _settings = settings;
        _work = work;
        _held = work.HoldShared();
        Job = job with { Id = work.Id, Convert = job.Convert with { Keys = keys.Keys } };
        _work.Save(Job);
        _own = EventWriter.Open("supervisor", settings.Events);
        _events = new EventMerger(work.EventsPath, _own, display);
    }

    private Job Job { get; }

    /// <summary>Does one job from its beginning to its end.</summary>
    /// <param name="job">What to do.</param>
    /// <param name="settings">How.</param>
    /// <param name="steps">Which steps, in order; the run's own verbs.</param>
    /// <param name="describe">Says what was made, once all is done.</param>
    /// <param name="display">What a person sees.</param>
    /// <param name="cancel">Cancelled: what was made on the target is taken away again.</param>
    /// <returns>Exit code.</returns>
    public static int Execute(
        Job job,
        RunSettings settings,
        Action<ConversionRun, CancellationToken> steps,
        Func<WorkDirectory, string> describe,
        IDisplay display,
        CancellationToken cancel)
    {
        // Before anything is made: a key file that is not there is told at once.
        using var keys = HeldKeys.Hold([.. settings.Keys, .. job.Convert.Keys.Select(GuestKey.From)]);

        // The next run looks after what a killed one left.
        Leftovers.RemoveOrphans(WorkDirectory.DefaultRoot, _ => { });
        var work = TakeWorkDirectory(settings, out var owned);
        using var owner = owned;
        if (work.IsDone || work.Serving().Any())
        {
            throw new StepException(ErrorCodes.WorkDirectory, $"the work directory {work.Path} holds another run", $"Choose another, or run: hyper2kvm cleanup {work.Path}");
        }

        using var run = new ConversionRun(job, settings, work, keys, display);
        try
        {
            run.Say(EventType.Started, null);
            steps(run, cancel);
            run.StopServing();
            var message = describe(work);
            run.Say(EventType.Finished, message);
            display.Done(message);
            run.LeaveWorkDirectory();
            return 0;
        }
        catch (Exception failure)
        {
            var told = StepProgram.Translate(run.Cause(failure), cancel);
            run.Say(EventType.Error, null, told);
            run.UndoTarget(display);
            run.StopServing();
            var logs = settings.KeepWorkDirectory ? work.Path : FailedRuns.Keep(work);
            run.LeaveWorkDirectory();
            display.Failed(told, logs);
            return told.Code.ExitCode;
        }
    }

    /// <summary>Step 1: the source's disks become sockets.</summary>
    /// <param name="cancel">Gives up.</param>
    public void OpenInput(CancellationToken cancel)
    {
        var helper = Start($"input-{Job.Input.Type}", "--foreground");
        _serving.Add(helper);
        helper.WaitUntilDone(cancel);
    }

    /// <summary>Looks at the target before anything is done: a name that is taken is told in the first second, not after the conversion.</summary>
    /// <param name="cancel">Gives up.</param>
    public void CheckOutput(CancellationToken cancel) => RunToEnd(cancel, $"output-{Job.Output.Type}", "check");

    /// <summary>Step 2: the guest is converted in its overlay.</summary>
    /// <param name="cancel">Gives up.</param>
    /// <param name="further">Further arguments.</param>
    public void Convert(CancellationToken cancel, params string[] further)
    {
        // While this file exists, what is read is kept in the overlay: the conversion reads things twice.
        File.WriteAllBytes(_work.ConvertFlag, []);
        RunToEnd(cancel, "convert", further);
        File.Delete(_work.ConvertFlag);
    }

    /// <summary>Step 3: empty disks on the target.</summary>
    /// <param name="cancel">Gives up.</param>
    public void SetUpOutput(CancellationToken cancel)
    {
        _targetTouched = true;
        var helper = Start($"output-{Job.Output.Type}", "setup", "--foreground");
        _serving.Add(helper);
        helper.WaitUntilDone(cancel);
    }

    /// <summary>Step 4: all disks at once.</summary>
    /// <param name="cancel">Gives up.</param>
    public void Copy(CancellationToken cancel)
    {
        File.WriteAllBytes(_work.CopyFlag, []);
        RunToEnd(cancel, "copy");
        File.Delete(_work.CopyFlag);
    }

    /// <summary>Step 5: the guest is made on the target.</summary>
    /// <param name="cancel">Gives up.</param>
    public void FinaliseOutput(CancellationToken cancel) => RunToEnd(cancel, $"output-{Job.Output.Type}", "final");

    /// <inheritdoc/>
    public void Dispose()
    {
        StopServing();
        _events.Dispose();
        _own.Dispose();
        _held.Dispose();
    }

    private static WorkDirectory TakeWorkDirectory(RunSettings settings, out IDisposable owned)
    {
        if (settings.WorkDirectory is not { } chosen)
        {
            return WorkDirectory.CreateUnder(WorkDirectory.DefaultRoot, out owned);
        }

        var work = WorkDirectory.Use(chosen);
        owned = work.HoldAsOwner();
        return work;
    }

    private HelperProcess Start(string name, params string[] arguments)
        => HelperProcess.Start(
            name,
            [.. arguments, "--work", _work.Path, .. _settings.Verbose ? ["--verbose"] : Array.Empty<string>()],
            _events.Add,
            text => File.AppendAllText(_work.LogPath($"{name}.stderr"), text + "\n"));

    private void RunToEnd(CancellationToken cancel, string name, params string[] arguments)
    {
        using var helper = Start(name, arguments);
        helper.WaitUntilDone(cancel);
    }

    /// <summary>The failure behind a failure: a step that lost its disk says so, but the server that died knows why.</summary>
    private Exception Cause(Exception failure)
    {
        if (failure is not StepException told)
        {
            return failure;
        }

        return _serving.Where(helper => helper.HasExited).Select(helper => helper.Failure).FirstOrDefault(found => found is not null) ?? told;
    }

    private void Say(EventType type, string? message, StepException? failure = null)
        => _events.Add(new StepEvent
        {
            Ts = TimeProvider.System.GetUtcNow(),
            Step = "supervisor",
            Type = type,
            Message = failure?.Message ?? message,
            Hint = failure?.Hint,
            Code = failure?.Code.Name,
            Disk = failure?.Disk,
            Done = type == EventType.Finished ? _clock.ElapsedMilliseconds : null,
            Unit = type == EventType.Finished ? "milliseconds" : null,
        });

    private void UndoTarget(IDisplay display)
    {
        if (!_targetTouched || _work.IsDone)
        {
            return;
        }

        try
        {
            RunToEnd(CancellationToken.None, $"output-{Job.Output.Type}", "undo");
        }
        catch (StepException left)
        {
            display.Failed(left, null);
        }
    }

    private void StopServing()
    {
        // The output's servers first: theirs hold data that has to be flushed.
        foreach (var helper in Enumerable.Reverse(_serving))
        {
            helper.Dispose();
        }

        _serving.Clear();
    }

    private void LeaveWorkDirectory()
    {
        if (_settings.KeepWorkDirectory)
        {
            _work.Keep();
        }
        else
        {
            _work.Delete();
        }
    }
}
