using System.CommandLine;
using System.CommandLine.Parsing;
using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Programs;
using Hyper2Kvm.Core.Work;
using Hyper2Kvm.Supervisor.Display;
using Hyper2Kvm.Supervisor.Running;

namespace Hyper2Kvm.Supervisor.Commands;

/// <summary><c>hyper2kvm convert</c>: a guest from its source to its target.</summary>
internal static class ConvertCommand
{
    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var input = new InputOptions();
        var output = new OutputOptions();
        var run = new RunOptions();
        var guest = new GuestChoices();
        var parallel = new Option<int>("--parallel") { Description = "Most disks that are copied at once (default: all).", HelpName = "N" };
        var bandwidth = new Option<long>("--bandwidth") { Description = "Most bytes per second, all disks together.", HelpName = "BYTES" };
        var verify = new Option<bool>("--verify") { Description = "Read the copied disks back from the target, and compare them with what was read from the source." };
        var jobFile = new Option<string?>("--job") { Description = "A job.json that says what to do, instead of the other options (docs/schema/job.json).", HelpName = "FILE" };
        var command = new Command("convert", "Convert a guest and put it on its target.") { parallel, bandwidth, verify };
        input.AddTo(command, isRequired: false);
        output.AddTo(command);
        guest.AddTo(command);
        run.AddTo(command);
        command.Options.Add(jobFile);
        command.Validators.Add(result =>
        {
            var isJob = result.GetResult(jobFile) is not null;
            if (isJob && result.Children.OfType<OptionResult>().FirstOrDefault(one => !one.Implicit && one.Option != jobFile && !run.Has(one.Option)) is { } other)
            {
                result.AddError($"--job says what to do: {other.Option.Name} cannot be given beside it");
            }
            else if (isJob && input.IsGiven(result))
            {
                result.AddError("--job says what to do: no source can be given beside it");
            }
            else if (!isJob && !input.IsGiven(result))
            {
                result.AddError("no source is given: name the guest's disks, or a job with --job FILE");
            }
        });
        command.SetAction(parsed => Invocation.Run("hyper2kvm", cancel => ConversionRun.Execute(
            parsed.GetValue(jobFile) is { } file ? Job.LoadFrom(file) : new Job
            {
                Schema = Job.SchemaName,
                Id = string.Empty,
                Created = TimeProvider.System.GetUtcNow(),
                Name = parsed.GetValue(output.Name),
                Input = input.Read(parsed),
                Convert = guest.Read(parsed),
                Output = output.Read(parsed) with { Cards = guest.Places(parsed) },
                Copy = new JobCopy { Parallel = parsed.GetValue(parallel), Bandwidth = parsed.GetValue(bandwidth), Verify = parsed.GetValue(verify) },
            },
            run.Read(parsed),
            AllSteps,
            Describe,
            DisplayChoice.Make(run.Json(parsed), run.Quiet(parsed)),
            cancel)));
        return command;
    }

    private static void AllSteps(ConversionRun run, CancellationToken cancel)
    {
        run.OpenInput(cancel);
        run.CheckOutput(cancel);
        run.Convert(cancel);
        run.SetUpOutput(cancel);
        run.Copy(cancel);
        run.FinaliseOutput(cancel);
    }

    private static string Describe(WorkDirectory work)
    {
        var (job, target) = (work.LoadJob(), work.LoadTarget());
        var place = job.Output.Storage is { } storage ? $" in {storage}" : string.Empty;
        return $"{target.Name} ({target.OperatingSystem?.ProductName ?? "unknown system"}) is ready: {job.Output.Type}{place}";
    }
}
