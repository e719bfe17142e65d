using System.Diagnostics;

namespace Hyper2Kvm.Copy.Tests;

/// <summary>The real program, as a user starts it.</summary>
internal static class CopyProgram
{
    internal static string Path => System.IO.Path.Combine(AppContext.BaseDirectory, "copy");

    internal static Process StartCopy(params string[] arguments) => Start(Path, arguments);

    /// <summary>Copies, to the end.</summary>
    internal static (int ExitCode, string Output, string Errors) Copy(params string[] arguments) => Run(Path, arguments);

    /// <summary>Runs it and kills it after a time, if it has not ended by then.</summary>
    internal static void Kill(string[] arguments, TimeSpan moment)
    {
        using var process = Start(Path, arguments);
        if (!process.WaitForExit(moment)) process.Kill(); // SIGKILL
        process.WaitForExit();
    }

    /// <summary>Runs a shell script in which "$COPY" is the program.</summary>
    internal static (int ExitCode, string Output, string Errors) Shell(string script) => Run("bash", "-c", script);

    /// <summary>Runs any program in whose environment COPY is ours.</summary>
    internal static (int ExitCode, string Output, string Errors) Run(string program, params string[] arguments)
    {
        using var process = Start(program, arguments);
        var output = process.StandardOutput.ReadToEnd();
        var errors = process.StandardError.ReadToEnd(); // A few lines: they fit into the pipe.
        process.WaitForExit();
        return (process.ExitCode, output, errors);
    }

    private static Process Start(string program, params string[] arguments) => Process.Start(new ProcessStartInfo(program, arguments)
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        Environment = { ["COPY"] = Path },
    })!;
}
