using System.Diagnostics;

namespace Hyper2Kvm.Copy.Tests;

/// <summary>The real program, as a user starts it.</summary>
internal static class CopyProgram
{
    internal static string Path => System.IO.Path.Combine(AppContext.BaseDirectory, "copy");

    internal static Process Start(params string[] arguments) => Start(Path, arguments);

    /// <summary>Runs it to its end.</summary>
    internal static (int ExitCode, string Output, string Errors) Run(params string[] arguments)
    {
        using var process = Start(arguments);
        return ToEnd(process);
    }

    /// <summary>Runs it and kills it after a time, if it has not ended by then.</summary>
    internal static void Kill(string[] arguments, TimeSpan moment)
    {
        using var process = Start(arguments);
        if (!process.WaitForExit(moment)) process.Kill(); // SIGKILL
        ToEnd(process);
    }

    /// <summary>Runs a shell script in which "$COPY" is the program.</summary>
    internal static (int ExitCode, string Output, string Errors) Shell(string script)
    {
        using var process = Start("bash", "-c", script);
        return ToEnd(process);
    }

    internal static (int ExitCode, string Output, string Errors) ToEnd(Process process)
    {
        var errors = process.StandardError.ReadToEnd();
        var output = process.StandardOutput.ReadToEnd();
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
