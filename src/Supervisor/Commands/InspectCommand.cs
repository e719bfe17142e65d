using System.CommandLine;
using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Programs;
using Hyper2Kvm.Core.Work;
using Hyper2Kvm.Supervisor.Display;
using Hyper2Kvm.Supervisor.Running;

namespace Hyper2Kvm.Supervisor.Commands;

/// <summary><c>hyper2kvm inspect</c>: what is on the disks; nothing is written.</summary>
internal static class InspectCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var input = new InputOptions();
        var run = new RunOptions();
        var guest = new GuestChoices();
        var timings = new Option<bool>("--timings") { Description = "Show what each part took, and how often the caches had what was asked for." };
        var command = new Command("inspect", "Show the volumes and systems on disks; read-only.") { timings };
        input.AddTo(command);
        guest.AddForLooking(command);
        run.AddTo(command);
        command.SetAction(parsed => Invocation.Run("hyper2kvm", cancel => ConversionRun.Execute(
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
                steps.Convert(stop, guest.Root(parsed) is { } root ? ["--inspect-only", "--root", root] : ["--inspect-only"]);
            },
            work => Print(work, run.Json(parsed), parsed.GetValue(timings)),
            new PlainDisplay(Console.Out, quiet: true),
            cancel)));
        return command;
    }

    private static string Print(WorkDirectory work, bool json, bool timings)
    {
        if (json)
        {
            Console.Out.WriteLine(File.ReadAllText(work.File(GuestInspection.FileName)));
            return string.Empty;
        }

        foreach (var line in InspectionTree.Lines(work.LoadInspection(), timings))
        {
            Console.Out.WriteLine(line);
        }

        return string.Empty;
    }
}
