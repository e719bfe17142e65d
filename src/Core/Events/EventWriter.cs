using Hyper2Kvm.Core.Errors;
using Microsoft.Win32.SafeHandles;

namespace Hyper2Kvm.Core.Events;

/// <summary>Writes the events of one step to a descriptor or a file, one whole line a write, from any thread.</summary>
public sealed class EventWriter : IDisposable
{
    private readonly Stream? _stream;
    private readonly TimeProvider _clock;
    private readonly Lock _gate = new();
    private bool _finished;

    private EventWriter(string step, Stream? stream, TimeProvider? clock)
    {
        Step = step;
        _stream = stream;
        _clock = clock ?? TimeProvider.System;
    }

    /// <summary>Name of the step, in every event.</summary>
    public string Step { get; }

    /// <summary>Called with every event, also where no stream was asked for.</summary>
    public Action<StepEvent>? Observer { get; set; }

    /// <summary>Opens the stream that <c>--events</c> names.</summary>
    /// <param name="step">Name of the step.</param>
    /// <param name="destination"><c>fd:N</c>, <c>file:PATH</c> (appended), or <see langword="null"/> for none.</param>
    /// <param name="clock">Clock of the <c>ts</c> field.</param>
    /// <exception cref="StepException">The destination has another form or cannot be opened (<see cref="ErrorCodes.Usage"/>).</exception>
    public static EventWriter Open(string step, string? destination, TimeProvider? clock = null)
    {
        if (destination is null)
        {
            return new EventWriter(step, null, clock);
        }

        try
        {
            if (destination.StartsWith("fd:", StringComparison.Ordinal) && int.TryParse(destination.AsSpan(3), out var descriptor) && descriptor >= 0)
            {
                var handle = new SafeFileHandle(descriptor, ownsHandle: descriptor > 2);
                return new EventWriter(step, new FileStream(handle, FileAccess.Write, bufferSize: 0), clock);
            }

            if (destination.StartsWith("file:", StringComparison.Ordinal) && destination.Length > 5)
            {
                return new EventWriter(step, new FileStream(destination[5..], FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0), clock);
            }
        }
        catch (Exception unusable) when (unusable is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new StepException(ErrorCodes.Usage, $"--events {destination} cannot be opened: {unusable.Message}", inner: unusable);
        }

        throw new StepException(ErrorCodes.Usage, $"--events {destination} has no known form", "Use fd:N or file:PATH.");
    }

    /// <summary>Says that the step began.</summary>
    /// <param name="message">Text for people.</param>
    public void Started(string? message = null) => Write(new StepEvent { Step = Step, Type = EventType.Started, Message = message });

    /// <summary>Says how far the step is.</summary>
    /// <param name="done">How much is done, in <paramref name="unit"/>.</param>
    /// <param name="total">How much there is.</param>
    /// <param name="unit"><c>bytes</c> or <c>parts</c>.</param>
    /// <param name="disk">Index of the disk, from 0.</param>
    /// <param name="message">Which part, for people.</param>
    public void Progress(long done, long total, string unit, int? disk = null, string? message = null)
        => Write(new StepEvent { Step = Step, Type = EventType.Progress, Done = done, Total = total, Unit = unit, Disk = disk, Message = message });

    /// <summary>Says that a disk was read back from the target and is what was copied.</summary>
    /// <param name="digest">Of its content, <c>ALGORITHM:HEX</c>.</param>
    /// <param name="disk">Index of the disk, from 0.</param>
    public void Verified(string digest, int disk) => Write(new StepEvent { Step = Step, Type = EventType.Verified, Disk = disk, Digest = digest });

    /// <summary>Says something that a person should know.</summary>
    /// <param name="message">What it is.</param>
    /// <param name="hint">What to do about it.</param>
    /// <param name="disk">Index of the disk, from 0.</param>
    public void Warning(string message, string? hint = null, int? disk = null)
        => Write(new StepEvent { Step = Step, Type = EventType.Warning, Message = message, Hint = hint, Disk = disk });

    /// <summary>Says that the step failed.</summary>
    /// <param name="failure">Why.</param>
    public void Error(StepException failure)
        => Write(new StepEvent
        {
            Step = Step,
            Type = EventType.Error,
            Code = failure.Code.Name,
            Message = failure.Message,
            Hint = failure.Hint,
            Disk = failure.Disk,
        });

    /// <summary>Says that the step is done; once, however often it is called (a step that serves says so when its disks can be reached).</summary>
    /// <param name="milliseconds">Wall time that it took.</param>
    /// <param name="message">Text for people.</param>
    public void Finished(long milliseconds, string? message = null)
    {
        if (!Interlocked.Exchange(ref _finished, true))
        {
            Write(new StepEvent { Step = Step, Type = EventType.Finished, Done = milliseconds, Unit = "milliseconds", Message = message });
        }
    }

    /// <summary>Writes one event; the clock's time is put in.</summary>
    /// <param name="what">The event.</param>
    public void Write(StepEvent what) => Pass(what with { Ts = _clock.GetUtcNow() });

    /// <summary>Passes on an event that another program wrote, as it is.</summary>
    /// <param name="what">The event, with its own time.</param>
    public void Pass(StepEvent what)
    {
        lock (_gate)
        {
            if (_stream is not null)
            {
                try
                {
                    _stream.Write([.. what.ToUtf8(), (byte)'\n']);
                }
                catch (IOException)
                {
                    // Whoever listened is gone. The work goes on: its owner's death is noticed where that matters.
                }
            }

            Observer?.Invoke(what);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _stream?.Dispose();
}
