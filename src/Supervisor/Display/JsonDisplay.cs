using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Events;

namespace Hyper2Kvm.Supervisor.Display;

/// <summary>For machines: every event as a line of JSON on standard output, the last one of step <c>supervisor</c>.</summary>
internal sealed class JsonDisplay(Stream output) : IDisplay
{
    /// <inheritdoc/>
    public void Show(StepEvent what)
    {
        output.Write([.. what.ToUtf8(), (byte)'\n']);
        output.Flush();
    }

    /// <inheritdoc/>
    public void Done(string message)
    {
        // The supervisor's own "finished" event has said it.
    }

    /// <inheritdoc/>
    public void Failed(StepException failure, string? logs) => FailureText.Write(Console.Error, "hyper2kvm", failure, logs);

    /// <inheritdoc/>
    public void Dispose() => output.Dispose();
}
