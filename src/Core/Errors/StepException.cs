namespace Hyper2Kvm.Core.Errors;

/// <summary>A failure that is understood: it has a code, names its object and says what to do.</summary>
/// <remarks>Thrown anywhere in a step, caught in one place per program (<see cref="Programs.StepProgram"/>).</remarks>
public sealed class StepException : Exception
{
    /// <summary>Makes the failure.</summary>
    /// <param name="code">What kind of failure.</param>
    /// <param name="message">What happened, naming the file, disk or domain.</param>
    /// <param name="hint">What to do about it; <see cref="ErrorCode.Remedy"/> where it is not given.</param>
    /// <param name="inner">The cause, for the log.</param>
    /// <param name="disk">Index of the disk that it is about, from 0.</param>
    public StepException(ErrorCode code, string message, string? hint = null, Exception? inner = null, int? disk = null)
        : base(message, inner)
    {
        Code = code;
        Hint = hint ?? code.Remedy;
        Disk = disk;
    }

    /// <summary>What kind of failure.</summary>
    public ErrorCode Code { get; }

    /// <summary>What to do about it.</summary>
    public string Hint { get; }

    /// <summary>Index of the disk that it is about, from 0.</summary>
    public int? Disk { get; }
}
