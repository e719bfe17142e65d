using System.CommandLine;
using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Programs;
using Hyper2Kvm.Core.Work;
using Hyper2Kvm.Supervisor.Display;
using Hyper2Kvm.Supervisor.Running;

namespace Hyper2Kvm.Supervisor.Commands;

/// <summary><c>hyper2kvm verify</c>: whether the guest on the disks boots on KVM; nothing is written, nothing is booted.</summary>
internal static class VerifyCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var input = new InputOptions();
        var run = new RunOptions();
        var guest = new GuestChoices();
        var command = new Command("verify", "Tell without booting it whether a guest's image boots on KVM; read-only.");
        input.AddTo(command);
        guest.AddForLooking(command);
        run.AddTo(command);
        command.SetAction(parsed => Invocation.Run("hyper2kvm", cancel =>
        {
            var verdict = 0;
            var exitCode = ConversionRun.Execute(
                new Job
                {
                    Schema = Job.SchemaName,
                    Id = string.Empty,
                    Created = TimeProvider.System.GetUtcNow(),
                    Input = input.Read(parsed),
                    Convert = guest.Read(parsed),
                },
                run.Read(parsed),
                (steps, stop) =>
                {
                    steps.OpenInput(stop);
                    steps.Convert(stop, "--verify-only");
                },
                work =>
                {
                    verdict = Print(work, run.Json(parsed));
                    return string.Empty;
                },
                new PlainDisplay(Console.Out, quiet: true),
                cancel);
            return exitCode != 0 ? exitCode : verdict;
        }));
        return command;
    }

    /// <summary>Prints what was found.</summary>
    /// <returns>0, or the exit code of a guest that does not boot.</returns>
    private static int Print(WorkDirectory work, bool json)
    {
        var found = work.LoadVerification();
        if (json)
        {
            Console.Out.WriteLine(File.ReadAllText(work.File(GuestVerification.FileName)));
        }
        else
        {
            foreach (var line in VerificationText.Lines(found))
            {
                Console.Out.WriteLine(line);
            }
        }

        return VerificationText.HasErrors(found) ? ErrorCodes.ConvertVerify.ExitCode : 0;
    }
}
