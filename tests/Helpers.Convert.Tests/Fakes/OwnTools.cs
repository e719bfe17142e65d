using Hyper2Kvm.Core.Processes;

namespace Hyper2Kvm.Helpers.Convert.Tests.Fakes;

/// <summary>Has the files of a tree read by the tools that they are for: <c>tests/Fixtures/own-tools</c>.</summary>
internal static class OwnTools
{
    /// <summary>A line for each file that was read: the tool and the path, after FAILED where the tool does not accept it.</summary>
    public static string[] Read(string tree)
    {
        var result = CommandRunner.Run(new Command(Path.Combine(Repository.Root, "tests/Fixtures/own-tools"), [tree]));
        result.ExitCode.Should().BeInRange(0, 1, result.ErrorText);
        var lines = result.OutputText.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Array.Exists(lines, line => line.StartsWith("FAILED", StringComparison.Ordinal)).Should().Be(result.ExitCode == 1, result.OutputText);
        return lines;
    }
}
