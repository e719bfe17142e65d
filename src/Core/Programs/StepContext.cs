using Hyper2Kvm.Core.Events;
using Hyper2Kvm.Core.Work;
using Serilog;

namespace Hyper2Kvm.Core.Programs;

/// <summary>What every step has in its hands.</summary>
/// <param name="Step">Name of the step, as in events and log names.</param>
/// <param name="Work">The work directory.</param>
/// <param name="Events">Its event stream.</param>
/// <param name="Log">Its log file, <c>logs/STEP.log</c>.</param>
/// <param name="Cancel">Cancelled by SIGTERM and SIGINT.</param>
public sealed record StepContext(string Step, WorkDirectory Work, EventWriter Events, ILogger Log, CancellationToken Cancel)
{
    /// <summary>Says something that a person should know, in the events and in the log.</summary>
    /// <param name="message">What it is.</param>
    /// <param name="hint">What to do about it.</param>
    /// <param name="disk">Index of the disk, from 0.</param>
    public void Warn(string message, string? hint = null, int? disk = null)
    {
        Log.Warning("{Message} {Hint}", message, hint);
        Events.Warning(message, hint, disk);
    }
}
