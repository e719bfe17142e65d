using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Processes;
using Hyper2Kvm.Core.Programs;

namespace Hyper2Kvm.Supervisor.Commands;

/// <summary>Sub-commands with a life of their own: programs of the exec path that take this one's place, as git's do.</summary>
internal static class ExternalCommand
{
    private static readonly IReadOnlyDictionary<string, string> Descriptions = new Dictionary<string, string>
    {
        ["daemon"] = "Convert what comes into a folder, unattended.",
        ["ctl"] = "Talk to the daemon.",
    };

    /// <summary>Whether a command line names one.</summary>
    /// <param name="arguments">The command line.</param>
    public static bool IsNamed(string[] arguments) => arguments is [var name, ..] && Descriptions.ContainsKey(name);

    /// <summary>Becomes the program that is named, with the other arguments as they are; comes back only where that fails.</summary>
    /// <param name="arguments">The command line.</param>
    /// <returns>Exit code.</returns>
    public static int Become(string[] arguments) => Invocation.Run("hyper2kvm", _ =>
    {
        var path = Path.Combine(ExecPath.Directory, arguments[0]);
        if (!File.Exists(path))
        {
            throw new StepException(
                ErrorCodes.ToolMissing, $"'{arguments[0]}' is not installed: there is no {path}", "Install the package that brings it; hyper2kvm --exec-path shows where it is looked for.");
        }

        try
        {
            ProcessImage.Replace(path, arguments[1..]);
        }
        catch (IOException failure)
        {
            throw new StepException(ErrorCodes.Supervisor, failure.Message, "Install this package again.", failure);
        }

        return 0;
    });

    /// <summary>Their lines in the help text.</summary>
    public static IEnumerable<System.CommandLine.Command> Listed() => Descriptions.Select(entry => new System.CommandLine.Command(entry.Key, entry.Value));
}
