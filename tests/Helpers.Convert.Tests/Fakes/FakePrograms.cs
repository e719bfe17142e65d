using Hyper2Kvm.Core.Processes;

namespace Hyper2Kvm.Helpers.Convert.Tests.Fakes;

/// <summary>A world for a script whose only programs are one that notes what it is asked, and a few of the shell's.</summary>
internal sealed class FakePrograms : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    /// <summary>Makes it.</summary>
    /// <param name="program">Its name.</param>
    /// <param name="body">What it does then, in shell.</param>
    public FakePrograms(string program, string body)
    {
        foreach (var tool in new[] { "timeout", "rm", "true", "readlink" })
            File.CreateSymbolicLink(Place(tool), $"/usr/bin/{tool}");
        File.WriteAllText(Place(program), $"#!/bin/sh\necho \"{program} $*\" >>{Place("calls")}\n{body}\n");
        File.SetUnixFileMode(Place(program), (UnixFileMode)0x1ED);
    }

    public string[] Calls => File.ReadAllLines(Place("calls"));

    /// <summary>Its path, for scripts that name it whole.</summary>
    public string Place(string name) => Path.Combine(_directory.Path, name);

    public int Run(string script, string shell = "dash")
    {
        File.WriteAllText(Place("script"), script);
        return CommandRunner.Run(new Command("env", ["-i", $"PATH={_directory.Path}", .. $"/usr/bin/{shell}".Split(' '), Place("script")])).ExitCode;
    }

    public void Dispose() => _directory.Dispose();
}
