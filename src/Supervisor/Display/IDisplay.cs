using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Events;

namespace Hyper2Kvm.Supervisor.Display;

/// <summary>What a person sees of a run. There are three: a terminal, plain lines, and JSON for machines.</summary>
internal interface IDisplay : IDisposable
{
    /// <summary>Shows one event; called from one thread at a time.</summary>
    /// <param name="what">The event.</param>
    void Show(StepEvent what);

    /// <summary>Shows the end of a run that worked.</summary>
    /// <param name="message">What was made, and where.</param>
    void Done(string message);

    /// <summary>Shows the end of a run that failed.</summary>
    /// <param name="failure">Why.</param>
    /// <param name="logs">Where its logs were kept, if they were.</param>
    void Failed(StepException failure, string? logs);
}
