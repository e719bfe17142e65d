using System.Text;
using System.Text.RegularExpressions;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Processes;
using Hyper2Kvm.Guest.Native;
using Microsoft.Win32.SafeHandles;

namespace Hyper2Kvm.Guest.Mounting.Appliance;

/// <summary>guestfish(1) as a child that is given one command after another, and asked what came of each.</summary>
/// <remarks>
/// Its commands come through a FIFO (<c>-f</c>): what is in them is in no list of processes. It says nothing when a command is done, so after each
/// it has to repeat a word that no guest can know, on both of its outputs.
/// </remarks>
internal sealed partial class Guestfish : IDisposable
{
    private static readonly TimeSpan LongestCommand = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(15);

    private readonly ChildProcess _process;
    private readonly FileStream _commands;
    private readonly string _word = $"hyper2kvm-{Guid.NewGuid():N}-";
    private readonly object _gate = new();
    private readonly List<string> _output = [];
    private readonly List<string> _errors = [];
    private int _asked;
    private int _outputDone;
    private int _errorsDone;
    private bool _ended;

    private Guestfish(MountNamespace mounts, string fifo, IReadOnlyDictionary<string, string?> environment)
    {
        // Open for reading too, so that neither end waits for the other.
        var descriptor = mounts.Servers.Run(() => NativeMethods.Open(fifo, NativeMethods.OpenReadWrite | NativeMethods.OpenCloseOnExec, 0));
        _commands = new FileStream(new SafeFileHandle(descriptor, ownsHandle: true), FileAccess.ReadWrite, bufferSize: 0);
        _process = ChildProcess.Start(mounts.Servers.Inside(new Command("guestfish", "-f", fifo) { Environment = environment }), ReadOutput, TakeError);
    }

    /// <summary>Starts it, where the servers of the disks are.</summary>
    /// <param name="mounts">The namespaces.</param>
    /// <param name="fifo">Where the FIFO is made, in the servers' namespace.</param>
    /// <param name="environment">Its environment on top of ours.</param>
    /// <exception cref="StepException">It is not installed (<see cref="ErrorCodes.ToolMissing"/>).</exception>
    public static Guestfish Start(MountNamespace mounts, string fifo, IReadOnlyDictionary<string, string?> environment)
    {
        mounts.Servers.Run(() =>
        {
            File.Delete(fifo);
            _ = NativeMethods.MakeNode(fifo, NativeMethods.FifoMode, 0);
        });
        return new Guestfish(mounts, fifo, environment);
    }

    /// <summary>What it, or supermin, which builds the appliance, last said of a failure: the first three lines.</summary>
    public string LastWords
    {
        get
        {
            if (_ended)
            {
                // All that it said is read then.
                _process.Wait();
            }

            var lines = _process.ErrorTail.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            var failures = lines.Where(line => Failure().IsMatch(line) || line.StartsWith("supermin: ", StringComparison.Ordinal)).Select(WithoutPlace).Take(3).ToList();
            return failures.Count > 0 ? string.Join("; ", failures) : lines.LastOrDefault() ?? "it said nothing";
        }
    }

    /// <summary>A word of a command, whatever is in it.</summary>
    /// <param name="word">The word.</param>
    public static string Quote(string word) => $"\"{word.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n")}\"";

    /// <summary>Runs commands and waits for them. One that fails is told, and the next one runs all the same.</summary>
    /// <param name="commands">Commands, their words quoted.</param>
    /// <exception cref="StepException">guestfish has ended, or takes longer than ten minutes (<see cref="ErrorCodes.HostAppliance"/>).</exception>
    public GuestfishReply Run(params IEnumerable<string> commands)
    {
        Begin(commands.Select(command => $"-{command}"));
        return Await(CancellationToken.None);
    }

    /// <summary>Gives it commands; does not wait.</summary>
    /// <param name="commands">Commands; one that fails ends guestfish, unless a <c>-</c> stands before it.</param>
    public void Begin(params IEnumerable<string> commands)
    {
        var mark = $"{_word}{++_asked}";
        _commands.Write(Encoding.UTF8.GetBytes(string.Concat(commands.Append($"!echo {mark}; echo {mark} >&2").Select(command => command + "\n"))));
    }

    /// <summary>Waits for all that was begun.</summary>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="StepException">guestfish has ended, or takes longer than ten minutes (<see cref="ErrorCodes.HostAppliance"/>).</exception>
    public GuestfishReply Await(CancellationToken cancel)
    {
        using var woken = cancel.Register(Wake);
        return WaitForReply(cancel)
            ?? throw new StepException(ErrorCodes.HostAppliance, $"the libguestfs appliance {(_ended ? "ended" : "does not answer")}: {LastWords}");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // At the end of its commands it ends qemu and itself; one that is killed leaves qemu alone for two seconds.
        _commands.Dispose();
        if (!_process.WaitFor(LongestEnd))
        {
            _process.Stop();
        }

        _process.Dispose();
    }

    [GeneratedRegex(@"(?:libguestfs: error|guestfish): (?<text>.*)$", RegexOptions.CultureInvariant)]
    private static partial Regex Failure();

    /// <summary>Without the place in the script that guestfish puts before each line.</summary>
    private static string WithoutPlace(string line) => Failure().Match(line) is { Success: true } failure ? failure.Groups["text"].Value : line;

    /// <summary>The reply; <see langword="null"/> where guestfish has ended, or the time is over.</summary>
    private GuestfishReply? WaitForReply(CancellationToken cancel)
    {
        var start = TimeProvider.System.GetTimestamp();
        lock (_gate)
        {
            while (_outputDone < _asked || _errorsDone < _asked)
            {
                cancel.ThrowIfCancellationRequested();
                var left = LongestCommand - TimeProvider.System.GetElapsedTime(start);
                if (_ended || left <= TimeSpan.Zero)
                {
                    return null;
                }

                Monitor.Wait(_gate, left);
            }

            var reply = new GuestfishReply([.. _output], [.. _errors]);
            _output.Clear();
            _errors.Clear();
            return reply;
        }
    }

    private void ReadOutput(Stream output)
    {
        using var reader = new StreamReader(output);
        while (reader.ReadLine() is { } line)
        {
            Take(line, ref _outputDone, _output, line);
        }

        lock (_gate)
        {
            _ended = true;
            Monitor.PulseAll(_gate);
        }
    }

    private void TakeError(string line) => Take(line, ref _errorsDone, _errors, Failure().IsMatch(line) ? WithoutPlace(line) : null);

    private void Take(string line, ref int done, List<string> lines, string? text)
    {
        lock (_gate)
        {
            if (line.StartsWith(_word, StringComparison.Ordinal))
            {
                done++;
                Monitor.PulseAll(_gate);
            }
            else if (text is not null)
            {
                lines.Add(text);
            }
        }
    }

    private void Wake()
    {
        lock (_gate)
        {
            Monitor.PulseAll(_gate);
        }
    }
}
