using System.Diagnostics;
using Hyper2Kvm.Core.Events;

namespace Hyper2Kvm.Helpers.Input.Tests.Support;

/// <summary>A running <c>input-vmdk</c>, as the supervisor starts it. It ends with its owner, which is the test's process.</summary>
internal sealed class InputProgram : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly Task _rest;

    public InputProgram(string work, string disk, params string[] options)
    {
        Socket = System.IO.Path.Combine(work, "in0");
        Directory.CreateDirectory(work, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _process = Process.Start(new ProcessStartInfo(Path, ["--work", work, "--foreground", "--owner", $"{Environment.ProcessId}", "--events", "fd:1", .. options, disk]) { RedirectStandardOutput = true })!;
        StepEvent? last = null;
        while (last?.Type is not (EventType.Finished or EventType.Error) && _process.StandardOutput.ReadLine() is { } line)
        {
            last = StepEvent.TryParse(line);
        }

        last?.Type.Should().Be(EventType.Finished, last.Message);
        _rest = _process.StandardOutput.ReadToEndAsync();
    }

    /// <summary>The staged program.</summary>
    public static string Path { get; } = System.IO.Path.Combine(Root(), "artifacts/hyper2kvm/libexec/input-vmdk");

    public string Socket { get; }

    public string Uri => $"nbd+unix:///?socket={Socket}";

    public IReadOnlyList<int> ChildIds() => [.. Directory.EnumerateDirectories($"/proc/{_process.Id}/task").SelectMany(task => File.ReadAllText($"{task}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries)).Select(int.Parse)];

    public IEnumerable<string> Children() => ChildIds().Select(id => File.ReadAllText($"/proc/{id}/comm").Trim());

    /// <summary>The most memory that it had so far (proc(5), VmHWM).</summary>
    public long PeakMebibytes()
        => File.ReadLines($"/proc/{_process.Id}/status").Where(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)).Select(line => long.Parse(line[6..^2]) / 1024).Single();

    /// <summary>kill -9, and its end.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit(Deadline).Should().BeTrue();
    }

    public static void WaitForEnd(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            using var waiting = new CancellationTokenSource(Deadline);
            process.WaitForExitAsync(waiting.Token).GetAwaiter().GetResult();
        }
        catch (ArgumentException)
        {
            // It is gone.
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            ScratchDirectory.Run("/bin/kill", "-TERM", $"{_process.Id}");
            if (!_process.WaitForExit(Deadline))
            {
                Kill();
            }
        }

        _rest.Wait(Deadline);
        _process.Dispose();
    }

    private static string Root()
    {
        for (var directory = AppContext.BaseDirectory; directory is not null; directory = System.IO.Path.GetDirectoryName(directory))
        {
            if (File.Exists(System.IO.Path.Combine(directory, "Hyper2Kvm.sln")))
            {
                return directory;
            }
        }

        throw new InvalidOperationException("the tests run outside the repository");
    }
}
