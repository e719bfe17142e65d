using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Native;

namespace Hyper2Kvm.Core.Processes;

/// <summary>A running child. It never outlives this process: the kernel kills it when we die, however we die.</summary>
/// <remarks>
/// The tie is PR_SET_PDEATHSIG, set by <c>setpriv --pdeathsig</c> before the program starts. The kernel ties a child to the
/// <em>thread</em> that forked it, and a thread of the pool may retire at any time; so all children are started
/// by one thread of their own that lives as long as the process (prctl(2), PR_SET_PDEATHSIG).
/// </remarks>
public sealed class ChildProcess : IDisposable
{
    private const int ErrorTailBytes = 64 * 1024;

    private static readonly Lazy<BlockingCollection<Action>> Launcher = new(StartLauncher);

    private readonly Process _process;
    private readonly Command _command;
    private readonly Thread _outputPump;
    private readonly Thread _errorPump;
    private readonly StringBuilder _errorTail = new();

    private ChildProcess(Process process, Command command, Action<Stream> output, Action<string>? errorLine)
    {
        _process = process;
        _command = command;
        Id = process.Id;

        // Taken here: a thread may come to run when the process has been disposed of, and that takes the properties away.
        var (standardOutput, standardError) = (process.StandardOutput.BaseStream, process.StandardError);
        _outputPump = Pump("stdout", () => output(standardOutput));
        _errorPump = Pump("stderr", () => PumpErrors(standardError, errorLine));
    }

    /// <summary>Process id.</summary>
    public int Id { get; }

    /// <summary>Whether it has ended.</summary>
    public bool HasExited => _process.HasExited;

    /// <summary>Last 64 KiB of its standard error.</summary>
    public string ErrorTail
    {
        get
        {
            lock (_errorTail)
            {
                return _errorTail.ToString();
            }
        }
    }

    /// <summary>Starts a command; both of its output pipes are read until they close.</summary>
    /// <param name="command">What to run.</param>
    /// <param name="output">Called once, on a thread of its own, with the child's standard output; reads it to its end. Left out: thrown away.</param>
    /// <param name="errorLine">Called with each line of standard error.</param>
    /// <exception cref="StepException">The program is not installed (<see cref="ErrorCodes.ToolMissing"/>), or cannot be started.</exception>
    public static ChildProcess Start(Command command, Action<Stream>? output = null, Action<string>? errorLine = null)
    {
        var program = ToolPackages.Require(command.Program);
        var setpriv = ToolPackages.Require("setpriv");
        var setsid = ToolPackages.Require("setsid");
        var start = new ProcessStartInfo(setpriv)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = command.WorkingDirectory ?? string.Empty,
        };

        // A session of its own: Ctrl-C on a terminal goes to the supervisor alone, which stops things in their order;
        // a disk's server must not go before the guest on it is closed.
        foreach (var argument in (string[])["--pdeathsig", "KILL", "--", setsid, program, .. command.Arguments])
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in command.Environment)
        {
            start.Environment[name] = value;
        }

        var process = StartOnLauncher(start, command);
        var child = new ChildProcess(process, command, output ?? (stream => stream.CopyTo(Stream.Null)), errorLine);
        child.WriteInput();
        return child;
    }

    /// <summary>Waits until it has ended and its pipes are read to their ends.</summary>
    /// <param name="cancel">Cancelled: SIGTERM, after <see cref="Command.Grace"/> SIGKILL, and then the wait goes on to the end.</param>
    /// <returns>Exit status; 128 + N where signal N ended it.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled; the child is gone.</exception>
    public int Wait(CancellationToken cancel = default)
    {
        using (cancel.Register(Stop))
        {
            _process.WaitForExit();
        }

        _outputPump.Join();
        _errorPump.Join();
        cancel.ThrowIfCancellationRequested();
        return _process.ExitCode;
    }

    /// <summary>Whether it ends within a time.</summary>
    /// <param name="time">Longest wait.</param>
    public bool WaitFor(TimeSpan time) => _process.WaitForExit(time);

    /// <summary>Ends it: SIGTERM, then SIGKILL when <see cref="Command.Grace"/> is over. Returns when it is gone.</summary>
    public void Stop()
    {
        if (_process.HasExited)
        {
            return;
        }

        _ = NativeMethods.Kill(Id, NativeMethods.SigTerm);
        if (!_process.WaitForExit(_command.Grace))
        {
            Kill();
        }
    }

    /// <summary>SIGKILL, at once. Returns when it is gone.</summary>
    public void Kill()
    {
        if (!_process.HasExited)
        {
            _ = NativeMethods.Kill(Id, NativeMethods.SigKill);
            _process.WaitForExit();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Kill();
        _process.Dispose();
    }

    private static Process StartOnLauncher(ProcessStartInfo start, Command command)
    {
        var started = new TaskCompletionSource<Process>(TaskCreationOptions.RunContinuationsAsynchronously);
        Launcher.Value.Add(() =>
        {
            try
            {
                started.SetResult(Process.Start(start)!);
            }
            catch (Exception failure)
            {
                started.SetException(failure);
            }
        });
        try
        {
            return started.Task.GetAwaiter().GetResult();
        }
        catch (System.ComponentModel.Win32Exception failure)
        {
            throw new StepException(ErrorCodes.ToolMissing, $"'{command.Program}' could not be started: {failure.Message}", inner: failure);
        }
    }

    private static BlockingCollection<Action> StartLauncher()
    {
        var queue = new BlockingCollection<Action>();
        new Thread(() =>
        {
            foreach (var launch in queue.GetConsumingEnumerable())
            {
                launch();
            }
        })
        {
            IsBackground = true,
            Name = "process launcher",
        }.Start();
        return queue;
    }

    private static Thread Pump(string name, Action body)
    {
        var thread = new Thread(() =>
        {
            try
            {
                body();
            }
            catch (Exception broken) when (broken is IOException or ObjectDisposedException)
            {
                // The pipe went away with the child; its exit status tells the rest.
            }
        })
        {
            IsBackground = true,
            Name = name,
        };
        thread.Start();
        return thread;
    }

    private void PumpErrors(StreamReader errors, Action<string>? errorLine)
    {
        while (errors.ReadLine() is { } line)
        {
            lock (_errorTail)
            {
                _errorTail.Append(line).Append('\n');
                if (_errorTail.Length > ErrorTailBytes)
                {
                    _errorTail.Remove(0, _errorTail.Length - ErrorTailBytes);
                }
            }

            errorLine?.Invoke(line);
        }
    }

    private void WriteInput()
    {
        if (_command.Input.IsEmpty)
        {
            _process.StandardInput.Close();
            return;
        }

        var standardInput = _process.StandardInput.BaseStream;
        Pump("stdin", () =>
        {
            using var input = standardInput;
            input.Write(_command.Input.Span);
        });
    }
}
