using Hyper2Kvm.Core.Errors;

namespace Hyper2Kvm.Core.Processes;

/// <summary>Runs a command to its end.</summary>
public static class CommandRunner
{
    /// <summary>Most bytes of standard output that are kept.</summary>
    public const int LargestOutput = 1 << 30;

    /// <summary>Runs a command and gives all that it wrote.</summary>
    /// <param name="command">What to run.</param>
    /// <param name="cancel">Cancelled: SIGTERM, then SIGKILL.</param>
    /// <exception cref="StepException">The program is not installed (<see cref="ErrorCodes.ToolMissing"/>).</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; the child is gone.</exception>
    public static CommandResult Run(Command command, CancellationToken cancel = default)
    {
        using var collected = new MemoryStream();
        using var child = ChildProcess.Start(command, stream => CopyLimited(stream, collected));
        var exitCode = child.Wait(cancel);
        return new CommandResult(exitCode, collected.ToArray(), child.ErrorTail);
    }

    /// <summary>Runs a command that has to succeed.</summary>
    /// <param name="command">What to run.</param>
    /// <param name="code">The failure that it means when it does not.</param>
    /// <param name="what">What was being done, as the start of the message ("could not …").</param>
    /// <param name="cancel">Cancelled: SIGTERM, then SIGKILL.</param>
    /// <exception cref="StepException">It is not installed, or it failed: with its last line of standard error.</exception>
    public static CommandResult RunChecked(Command command, ErrorCode code, string what, CancellationToken cancel = default)
    {
        var result = Run(command, cancel);
        return result.Succeeded ? result : throw new StepException(code, $"{what}: {Path.GetFileName(command.Program)}: {result.LastError}");
    }

    private static void CopyLimited(Stream from, MemoryStream to)
    {
        var buffer = new byte[64 * 1024];
        int count;
        while ((count = from.Read(buffer)) > 0)
        {
            if (to.Length + count <= LargestOutput)
            {
                to.Write(buffer, 0, count);
            }
        }
    }
}
