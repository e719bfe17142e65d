namespace Hyper2Kvm.Core.Processes;

/// <summary>A program with its arguments, as a list: nothing here ever passes through a shell.</summary>
/// <remarks>Immutable; the one way to describe a process. Stands where CliWrap would (see <c>docs/dependencies.md</c>).</remarks>
public sealed record Command
{
    /// <summary>Describes a command.</summary>
    /// <param name="program">Program: a name that is looked for in PATH (and the sbin directories), or a path.</param>
    /// <param name="arguments">Its arguments.</param>
    public Command(string program, params IEnumerable<string> arguments)
    {
        Program = program;
        Arguments = [.. arguments];
    }

    /// <summary>Program name or path.</summary>
    public string Program { get; init; }

    /// <summary>Arguments, without the program.</summary>
    public IReadOnlyList<string> Arguments { get; init; }

    /// <summary>Environment variables that are set on top of ours; <see langword="null"/> takes one away.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>Working directory, or ours.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>What the program reads on its standard input; empty where it is missing.</summary>
    public ReadOnlyMemory<byte> Input { get; init; }

    /// <summary>Time from SIGTERM to SIGKILL when it is cancelled.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The command as a person would type it, for logs.</summary>
    public override string ToString() => string.Join(' ', Arguments.Prepend(Program).Select(Quote));

    private static string Quote(string word)
        => word.Length > 0 && word.All(letter => char.IsAsciiLetterOrDigit(letter) || "-_=./:,+%@".Contains(letter))
            ? word
            : $"'{word.Replace("'", "'\\''")}'";
}
