using System.Text;

namespace Hyper2Kvm.Core.Processes;

/// <summary>How a command ended and what it wrote.</summary>
/// <param name="ExitCode">Exit status; 128 + N where signal N ended it.</param>
/// <param name="Output">All that it wrote to standard output, bytes.</param>
/// <param name="ErrorText">What it wrote to standard error (the last 64 KiB).</param>
public sealed record CommandResult(int ExitCode, byte[] Output, string ErrorText)
{
    /// <summary>Standard output as UTF-8.</summary>
    public string OutputText => Encoding.UTF8.GetString(Output);

    /// <summary>Whether it exited with 0.</summary>
    public bool Succeeded => ExitCode == 0;

    /// <summary>The last line of standard error that holds anything, for messages.</summary>
    public string LastError
        => ErrorText.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault() ?? $"exit status {ExitCode}";
}
