using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Events;
using Spectre.Console;

namespace Hyper2Kvm.Supervisor.Display;

/// <summary>A terminal: a line with its time for each step that is done, a bar for each disk that is copied.</summary>
internal sealed class TerminalDisplay : IDisplay
{
    private readonly IAnsiConsole _console = AnsiConsole.Console;
    private readonly Dictionary<(string? Part, int Disk), ProgressTask> _bars = [];
    private readonly ManualResetEventSlim _over = new();
    private readonly ManualResetEventSlim _ready = new();
    private readonly Thread _drawing;
    private ProgressContext? _progress;

    /// <summary>Starts to draw.</summary>
    public TerminalDisplay()
    {
        _drawing = new Thread(Draw) { IsBackground = true, Name = "display" };
        _drawing.Start();
        _ready.Wait();
    }

    /// <inheritdoc/>
    public void Show(StepEvent what)
    {
        switch (what.Type)
        {
            case EventType.Warning:
                _console.MarkupLineInterpolated($"[yellow]![/] {what.Step}: {what.Message} [grey]{what.Hint}[/]");
                break;
            case EventType.Finished:
                _console.MarkupLineInterpolated($"[green]✓[/] {what.Step,-24} [grey]{what.Done / 1000.0,8:0.00} s[/]");
                break;
            case EventType.Progress when what is { Disk: { } disk, Done: { } done, Total: { } total, Unit: "bytes" }:
                if (!_bars.TryGetValue((what.Message, disk), out var bar))
                {
                    bar = _progress!.AddTask(what.Message is null ? $"disk {disk}" : $"disk {disk}, {what.Message}", autoStart: true, maxValue: total);
                    _bars[(what.Message, disk)] = bar;
                }

                bar.Value = done;
                break;
            default:
                break;
        }
    }

    /// <inheritdoc/>
    public void Done(string message)
    {
        Stop();
        _console.MarkupLineInterpolated($"[green]{message}[/]");
    }

    /// <inheritdoc/>
    public void Failed(StepException failure, string? logs)
    {
        Stop();
        FailureText.Write(Console.Error, "hyper2kvm", failure, logs);
    }

    /// <inheritdoc/>
    public void Dispose() => Stop();

    private void Draw()
        => _console.Progress()
            .AutoClear(false)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new DownloadedColumn(), new TransferSpeedColumn(), new RemainingTimeColumn())
            .Start(context =>
            {
                _progress = context;
                _ready.Set();
                _over.Wait();
            });

    private void Stop()
    {
        _over.Set();
        _drawing.Join();
    }
}
