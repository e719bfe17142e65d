using Hyper2Kvm.Core.Errors;

namespace Hyper2Kvm.Guest;

/// <summary>Runs programs of a guest, where the user asked for it. They are hostile, as all of a guest is.</summary>
public interface IGuestPrograms
{
    /// <summary>Requires that programs can be run on this host, before anything of the guest is written.</summary>
    /// <param name="writable">Directories of the guest that they will write.</param>
    /// <exception cref="StepException">A tool is missing (<see cref="ErrorCodes.ToolMissing"/>), or this host cannot confine them (<see cref="ErrorCodes.ConvertRebuild"/>).</exception>
    void Require(IReadOnlyList<string> writable);

    /// <summary>Runs one to its end. When this returns, no process of it is left.</summary>
    /// <param name="program">The program.</param>
    /// <param name="cancel">Cancelled: all that it started is killed.</param>
    /// <exception cref="StepException">It cannot be started.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; all of it is gone.</exception>
    GuestProgramResult Run(GuestProgram program, CancellationToken cancel);
}

/// <summary>A program of a guest that is to be run.</summary>
public sealed record GuestProgram
{
    /// <summary>The program, by its path in the guest, and its arguments.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>Directories of the guest that it may write; all else is read-only for it.</summary>
    public required IReadOnlyList<string> Writable { get; init; }

    /// <summary>Files of the guest that it sees with another content; the files themselves stay as they are.</summary>
    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Shown { get; init; } = new Dictionary<string, ReadOnlyMemory<byte>>();

    /// <summary>Environment on top of PATH and HOME.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Longest time; then it is killed.</summary>
    public required TimeSpan Longest { get; init; }
}

/// <summary>How a program of a guest ended.</summary>
/// <param name="ExitCode">Exit status; 128 + N where signal N ended it.</param>
/// <param name="Time">Wall time.</param>
/// <param name="LastLines">The last lines that it wrote, of both outputs.</param>
/// <param name="TimedOut">Whether it was killed because its time was over.</param>
public sealed record GuestProgramResult(int ExitCode, TimeSpan Time, IReadOnlyList<string> LastLines, bool TimedOut);
