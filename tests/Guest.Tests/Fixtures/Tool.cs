using Hyper2Kvm.Core.Processes;

namespace Hyper2Kvm.Guest.Tests.Fixtures;

internal static class Tool
{
    public static string Run(string program, params string[] arguments) => RunWithInput(string.Empty, program, arguments);

    public static string RunWithInput(string input, string program, params string[] arguments)
    {
        var result = CommandRunner.Run(new Command(program, arguments) { Input = System.Text.Encoding.UTF8.GetBytes(input) });
        return result.Succeeded
            ? result.OutputText
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {result.ErrorText}{result.OutputText}");
    }
}
