using System.Diagnostics;
using System.Text.Json;
using Hyper2Kvm.Core.Processes;

namespace Hyper2Kvm.EndToEnd.Support;

/// <summary>A real daemon over folders of a test's own.</summary>
internal sealed class DaemonProcess : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly Scratch _scratch;
    private readonly List<string> _log = [];
    private ChildProcess? _process;

    public DaemonProcess(Scratch scratch, string configuration)
    {
        _scratch = scratch;
        Watch = Directory.CreateDirectory(scratch.File("in")).FullName;
        Output = Directory.CreateDirectory(scratch.File("out")).FullName;
        File.WriteAllText(scratch.File("daemon.yaml"), $"watch_dir: in\noutput_dir: out\n{configuration}");
    }

    public string Watch { get; }

    public string Output { get; }

    /// <summary>What it has said so far, over all its lives.</summary>
    public IReadOnlyList<string> Log
    {
        get
        {
            lock (_log)
            {
                return [.. _log];
            }
        }
    }

    public void Start()
    {
        _process = ChildProcess.Start(Product.Command(_scratch, "daemon", "--config", _scratch.File("daemon.yaml")), errorLine: line =>
        {
            lock (_log)
            {
                _log.Add(line);
            }
        });
        Until("it answers", () => Ctl("ping").Succeeded);
    }

    public void KillHard() => _process!.Kill();

    /// <summary>Waits for its end.</summary>
    /// <returns>Its exit code.</returns>
    public int WaitForExit() => _process!.WaitFor(Patience) ? _process.Wait() : throw new TimeoutException("the daemon does not end");

    public CommandResult Ctl(params string[] arguments) => Product.Run(_scratch, ["ctl", "--output-dir", Output, .. arguments]);

    public JsonElement Ask(params string[] arguments)
    {
        var result = Ctl(["--json", .. arguments]);
        result.ExitCode.Should().Be(0, result.ErrorText);
        return JsonDocument.Parse(result.OutputText).RootElement;
    }

    /// <summary>The jobs' names by state.</summary>
    public ILookup<string, string> Jobs()
        => Ask("jobs").GetProperty("jobs").EnumerateArray().ToLookup(job => job.GetProperty("state").GetString()!, job => job.GetProperty("name").GetString()!);

    /// <summary>Asks again and again, which takes its time by itself.</summary>
    public void Until(string what, Func<bool> holds)
    {
        for (var clock = Stopwatch.StartNew(); !holds();)
        {
            if (clock.Elapsed > Patience || _process!.HasExited)
            {
                throw new TimeoutException($"not seen: {what}\n{string.Join('\n', Log)}");
            }
        }
    }

    public void Dispose()
    {
        _process?.Stop();
        _process?.Dispose();
    }
}
