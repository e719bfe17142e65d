using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Events;
using Hyper2Kvm.Core.Processes;
using Hyper2Kvm.Core.Programs;

namespace Hyper2Kvm.Supervisor.Running;

/// <summary>One helper program under the supervisor: its events are passed on, its end is known.</summary>
internal sealed class HelperProcess : IDisposable
{
    private readonly ChildProcess _process;
    private readonly Action<StepEvent> _onEvent;
    private readonly ManualResetEventSlim _settled = new();
    private StepEvent? _error;
    private StepEvent? _finished;

    private HelperProcess(string name, string path, IEnumerable<string> arguments, Action<StepEvent> onEvent, Action<string> onText)
    {
        Name = name;
        _onEvent = onEvent;
        _process = ChildProcess.Start(
            new Command(path, [.. arguments, "--events", "fd:1"]) { Grace = TimeSpan.FromSeconds(10) },
            ReadEvents,
            onText);
    }

    /// <summary>Name of the helper with its verb, for messages.</summary>
    public string Name { get; }

    /// <summary>The failure that it told, or <see langword="null"/>.</summary>
    public StepException? Failure
        => _error is { } told
            ? new StepException(
                ErrorCodes.All.FirstOrDefault(code => code.Name == told.Code) ?? ErrorCodes.Supervisor,
                told.Message ?? "failed",
                told.Hint,
                disk: told.Disk)
            : null;

    /// <summary>Starts a helper.</summary>
    /// <param name="name">Program name in the exec path.</param>
    /// <param name="arguments">Its arguments; <c>--events</c> is added.</param>
    /// <param name="onEvent">Called with each event, on the reading thread.</param>
    /// <param name="onText">Called with each line of its standard error.</param>
    public static HelperProcess Start(string name, IReadOnlyList<string> arguments, Action<StepEvent> onEvent, Action<string> onText)
        => new(arguments.Count > 0 && !arguments[0].StartsWith('-') ? $"{name} {arguments[0]}" : name, ExecPath.Helper(name), arguments, onEvent, onText);

    /// <summary>Waits until the step is done: it said so (a step that serves goes on serving) or its program ended.</summary>
    /// <param name="cancel">Cancelled: the helper is told to stop, and is gone when this throws.</param>
    /// <exception cref="StepException">The failure that the helper told, or that it died without a word (<see cref="ErrorCodes.HelperDied"/>).</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public void WaitUntilDone(CancellationToken cancel)
    {
        try
        {
            _settled.Wait(cancel);
        }
        catch (OperationCanceledException)
        {
            _process.Stop();
            throw;
        }

        if (Failure is { } told)
        {
            throw told;
        }

        if (_finished is null)
        {
            throw Died();
        }
    }

    /// <summary>Whether the program has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>Tells it to stop, and waits until it has.</summary>
    public void Stop() => _process.Stop();

    /// <inheritdoc/>
    public void Dispose()
    {
        _process.Stop();
        _process.Dispose();
        _settled.Dispose();
    }

    private StepException Died()
    {
        var status = _process.Wait(CancellationToken.None);
        var how = status > 128 ? $"was killed by signal {status - 128}" : $"ended with status {status}";
        var said = _process.ErrorTail.Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault();
        return new StepException(ErrorCodes.HelperDied, $"{Name} {how} and told no reason{(said is null ? string.Empty : $": {said}")}");
    }

    private void ReadEvents(Stream output)
    {
        try
        {
            using var reader = new StreamReader(output);
            while (reader.ReadLine() is { } line)
            {
                if (StepEvent.TryParse(line) is { } what)
                {
                    Take(what);
                }
            }
        }
        finally
        {
            // However the reading ends, nobody waits for more.
            _settled.Set();
        }
    }

    private void Take(StepEvent what)
    {
        _onEvent(what);
        if (what.Type == EventType.Error)
        {
            _error ??= what;
        }
        else if (what.Type == EventType.Finished)
        {
            _finished = what;
        }
        else
        {
            return;
        }

        _settled.Set();
    }
}
