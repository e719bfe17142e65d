using System.CommandLine;
using Hyper2Kvm.Core.Programs;
using Hyper2Kvm.Core.Work;
using Hyper2Kvm.Supervisor.Running;

namespace Hyper2Kvm.Supervisor.Commands;

/// <summary><c>hyper2kvm cleanup</c>: what killed runs left behind goes away.</summary>
internal static class CleanupCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var directory = new Argument<string?>("work") { Description = "A work directory of a script: its servers are stopped, and what is half made is removed.", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("cleanup", "Remove what killed runs left behind; runs that are alive are not touched.") { directory };
        command.SetAction(parsed => Invocation.Run("hyper2kvm", _ =>
        {
            if (parsed.GetValue(directory) is { } named)
            {
                Leftovers.RemoveNamed(Path.GetFullPath(named), Console.Out.WriteLine);
            }
            else
            {
                Leftovers.RemoveOrphans(WorkDirectory.DefaultRoot, Console.Out.WriteLine);
            }

            return 0;
        }));
        return command;
    }
}
