using Hyper2Kvm.Core.Events;
using Hyper2Kvm.Supervisor.Display;

namespace Hyper2Kvm.Supervisor.Running;

/// <summary>Brings the events of all steps into one stream: the work directory's <c>events.ndjson</c>, the user's own <c>--events</c>, and the display.</summary>
internal sealed class EventMerger : IDisposable
{
    private readonly Lock _gate = new();
    private readonly FileStream _file;
    private readonly EventWriter _own;
    private readonly IDisplay _display;

    /// <summary>Opens the streams.</summary>
    /// <param name="path">The work directory's event file.</param>
    /// <param name="own">The user's own stream.</param>
    /// <param name="display">What a person sees.</param>
    public EventMerger(string path, EventWriter own, IDisplay display)
    {
        _file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
        _own = own;
        _display = display;
    }

    /// <summary>Passes one event on.</summary>
    /// <param name="what">The event, as its step wrote it.</param>
    public void Add(StepEvent what)
    {
        lock (_gate)
        {
            Try(() => _file.Write([.. what.ToUtf8(), (byte)'\n']));
            _own.Pass(what);
            Try(() => _display.Show(what));
        }
    }

    /// <summary>A full disk or a reader that is gone costs the line, not the run: it is the steps that tell whether their work can go on.</summary>
    private static void Try(Action write)
    {
        try
        {
            write();
        }
        catch (IOException)
        {
            // The other streams still have it.
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
