using System.CommandLine;
using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Programs;
using Hyper2Kvm.Supervisor.Display;
using Hyper2Kvm.Supervisor.Running;

namespace Hyper2Kvm.Supervisor.Commands;

/// <summary><c>hyper2kvm in-place</c>: the guest is converted where its disks stand.</summary>
internal static class InPlaceCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var input = new InputOptions();
        var run = new RunOptions();
        var guest = new GuestChoices();
        var command = new Command("in-place", "Convert a guest in its own disks. The disks are written: keep a copy or a snapshot.");
        input.AddTo(command);
        guest.AddTo(command);
        run.AddTo(command);
        command.SetAction(parsed => Invocation.Run("hyper2kvm", cancel => ConversionRun.Execute(
            new Job
            {
                Schema = Job.SchemaName,
                Id = string.Empty,
                Created = TimeProvider.System.GetUtcNow(),
                Input = input.Read(parsed) with { InPlace = true },
                Convert = guest.Read(parsed),
                Output = new JobOutput { Cards = guest.Places(parsed) },
            },
            run.Read(parsed),
            (steps, stop) =>
            {
                steps.OpenInput(stop);
                steps.Convert(stop);
            },
            work => $"{work.LoadTarget().Name} was converted in place: {work.LoadReport().Changes.Count} changes",
            DisplayChoice.Make(run.Json(parsed), run.Quiet(parsed)),
            cancel)));
        return command;
    }
}
