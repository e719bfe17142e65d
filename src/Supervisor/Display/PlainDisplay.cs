using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Events;

namespace Hyper2Kvm.Supervisor.Display;

/// <summary>Plain lines: one when a step starts, one when it ends, one a tenth of each disk.</summary>
internal sealed class PlainDisplay(TextWriter output, bool quiet) : IDisplay
{
    private readonly Dictionary<(string Step, string? Part, int Disk), long> _shown = [];

    /// <inheritdoc/>
    public void Show(StepEvent what)
    {
        switch (what.Type)
        {
            case EventType.Warning:
                output.WriteLine($"{what.Step}: warning: {what.Message}{(what.Hint is null ? string.Empty : $" ({what.Hint})")}");
                break;
            case EventType.Finished when !quiet:
                output.WriteLine($"{what.Step}: {what.Done / 1000.0:0.00} s");
                break;
            case EventType.Verified when !quiet:
                output.WriteLine($"{what.Step}: disk {what.Disk}: read back, {what.Digest}");
                break;
            case EventType.Progress when !quiet && what is { Disk: { } disk, Done: { } done, Total: { } total and > 0, Unit: "bytes" }:
                var tenth = done * 10 / total;
                if (tenth > _shown.GetValueOrDefault((what.Step, what.Message, disk), 0))
                {
                    _shown[(what.Step, what.Message, disk)] = tenth;
                    output.WriteLine($"{what.Step}: disk {disk}: {(what.Message is null ? string.Empty : what.Message + " ")}{tenth * 10} % of {ByteSize.Format(total)}");
                }

                break;
            default:
                break;
        }
    }

    /// <inheritdoc/>
    public void Done(string message)
    {
        if (!quiet)
        {
            output.WriteLine(message);
        }
    }

    /// <inheritdoc/>
    public void Failed(StepException failure, string? logs) => FailureText.Write(Console.Error, "hyper2kvm", failure, logs);

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
