using System.CommandLine;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Work;

namespace Hyper2Kvm.Core.Programs;

/// <summary>The options that every helper has.</summary>
public sealed class StepOptions
{
    /// <summary>The work directory.</summary>
    public Option<string?> Work { get; } = new("--work", "-w") { Description = "Work directory of this run (made where it is missing).", HelpName = "DIR" };

    /// <summary>Where events go.</summary>
    public Option<string?> Events { get; } = new("--events") { Description = "Write one JSON event a line to a descriptor or a file.", HelpName = "fd:N|file:PATH" };

    /// <summary>Debug lines in the log.</summary>
    public Option<bool> Verbose { get; } = new("--verbose", "-v") { Description = "Debug lines in the log." };

    /// <summary>Adds them to a command.</summary>
    /// <param name="command">The command; its sub-commands have them too.</param>
    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { Work, Events, Verbose })
        {
            option.Recursive = true;
            command.Options.Add(option);
        }
    }

    /// <summary>The work directory that was named.</summary>
    /// <param name="parsed">The parsed command line.</param>
    /// <exception cref="StepException">None was named (<see cref="ErrorCodes.Usage"/>).</exception>
    public WorkDirectory WorkDirectory(ParseResult parsed)
        => Core.Work.WorkDirectory.Use(
            parsed.GetValue(Work) ?? throw new StepException(ErrorCodes.Usage, "no work directory was named", "Give --work DIR; all steps of one run share it."));
}
