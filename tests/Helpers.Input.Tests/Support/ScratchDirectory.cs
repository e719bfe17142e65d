using System.Diagnostics;

namespace Hyper2Kvm.Helpers.Input.Tests.Support;

/// <summary>A directory of one test, removed at its end, and the tools that its files are held against.</summary>
internal sealed class ScratchDirectory : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("in.").FullName;

    public string In(string name) => Path.Combine(Root, name);

    /// <summary>What QEMU reads from a VMDK.</summary>
    public byte[] ReadByQemu(string vmdk)
    {
        var raw = In("qemu.raw");
        Run("qemu-img", "convert", "-f", "vmdk", "-O", "raw", vmdk, raw);
        var content = File.ReadAllBytes(raw);
        File.Delete(raw);
        return content;
    }

    /// <summary>Runs a tool, which has to succeed.</summary>
    public static string Run(string program, params string[] arguments)
    {
        var (exitCode, output) = Try(program, arguments);
        exitCode.Should().Be(0, $"{program} {string.Join(' ', arguments)}: {output}");
        return output;
    }

    /// <summary>Runs a tool.</summary>
    public static (int ExitCode, string Output) Try(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + error.Result);
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
