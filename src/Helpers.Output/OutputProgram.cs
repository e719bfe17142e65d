using System.CommandLine;
using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Programs;
using Hyper2Kvm.Helpers.Output.Outputs;
using Hyper2Kvm.Helpers.Output.Steps;

namespace Hyper2Kvm.Helpers.Output;

/// <summary>The command line: <c>output-TYPE check|setup|final|undo --work DIR</c>.</summary>
internal sealed class OutputProgram
{
    private readonly StepOptions _common = new();
    private readonly OutputOptions _flags = new();
    private readonly Option<bool> _foreground = new("--foreground") { Description = "Stay and keep the servers of the disks; without it a keeper goes into the background." };
    private readonly Option<string?> _owner = new("--owner") { Description = "Process whose end ends the servers (default: the caller; with --foreground: none).", HelpName = "PID|none" };
    private readonly string _name;
    private readonly IOutput _output;

    private OutputProgram(string name)
    {
        _name = name;
        _output = OutputTypes.Get(name);
    }

    /// <summary>Runs the program.</summary>
    /// <param name="program">Name that it was called by.</param>
    /// <param name="arguments">Its command line.</param>
    /// <returns>Exit code.</returns>
    public static int Run(string program, string[] arguments)
    {
        try
        {
            return StepProgram.Run(new OutputProgram(OutputTypes.NameOf(program)).CommandLine(), arguments);
        }
        catch (StepException failure)
        {
            FailureText.Write(Console.Error, Path.GetFileName(program), failure);
            return failure.Code.ExitCode;
        }
    }

    private RootCommand CommandLine()
    {
        var root = new RootCommand($"output-{_name}: makes a converted guest on its target. setup makes the disks, copy fills them, final makes the guest; undo removes what a failed run made.");
        _common.AddTo(root);

        var check = new Command("check", "Tells before the conversion what setup would refuse. Makes nothing.");
        _flags.AddTo(check);
        check.SetAction(parsed => RunStep("check", parsed, context => CheckStep.Run(context, _output, Merge(context, parsed))));

        var setup = new Command("setup", "Checks the target and makes the empty disks.");
        _flags.AddTo(setup);
        setup.Options.Add(_foreground);
        setup.Options.Add(_owner);
        setup.SetAction(parsed => RunStep("setup", parsed, context => Setup(context, parsed)));

        var final = new Command("final", "Makes the guest from the copied disks. The options are those of setup.");
        final.SetAction(parsed => RunStep("final", parsed, context => FinalStep.Run(context, _output, context.Work.LoadJob())));

        var undo = new Command("undo", "Removes what a run that is not done made on the target.");
        undo.SetAction(parsed => RunStep("undo", parsed, UndoStep.Run));

        root.Subcommands.Add(check);
        root.Subcommands.Add(setup);
        root.Subcommands.Add(final);
        root.Subcommands.Add(undo);
        return root;
    }

    private int RunStep(string command, ParseResult parsed, Action<StepContext> body)
        => StepProgram.RunStep(Keeper.StepName(_name, command), _common, parsed, body);

    private void Setup(StepContext context, ParseResult parsed)
    {
        var job = Merge(context, parsed);
        JobCheck.Check(_output, job.Output);
        context.Work.Save(job);
        if (_output.NeedsServers(job.Output) && !parsed.GetValue(_foreground))
        {
            Background.Setup(context, Owner(parsed, otherwise: ServingStep.Caller), parsed.GetValue(_common.Verbose));
        }
        else
        {
            SetupStep.Run(context, _output, job, Owner(parsed, otherwise: 0));
        }
    }

    private Job Merge(StepContext context, ParseResult parsed) => _flags.MergeInto(context.Work.LoadJob(), _name, _output, parsed);

    private int Owner(ParseResult parsed, int otherwise) => parsed.GetValue(_owner) switch
    {
        null => otherwise,
        "none" => 0,
        var text when int.TryParse(text, out var processId) && processId >= 0 => processId,
        var text => throw new StepException(ErrorCodes.Usage, $"--owner {text} is no process id", "Give a number, or none."),
    };
}
