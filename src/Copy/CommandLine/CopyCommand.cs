using System.CommandLine;
using System.CommandLine.Parsing;
using Hyper2Kvm.Copy.Step;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Programs;

namespace Hyper2Kvm.Copy.CommandLine;

/// <summary>
/// The command line. By hand a better nbdcopy (<c>copy SOURCE TARGET</c>); as a step of the pipeline all disks of a work
/// directory (<c>copy --work DIR</c>).
/// </summary>
internal sealed class CopyCommand
{
    private const string Name = "copy";
    private readonly StepOptions _step = new();
    private readonly CopyOptions _options = new();
    private readonly bool _literal;

    private readonly Argument<string[]> _places = new("SOURCE TARGET")
    {
        Description = "Pairs. Each end is the path of a raw file or block device, the path of an NBD server's Unix socket, or a URI: "
            + "nbd://HOST[:PORT]/[EXPORT], nbd+unix:///[EXPORT]?socket=PATH. A target that is a file is made anew; a source is never written.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    /// <summary>Makes the command.</summary>
    /// <param name="literal">Whether a "--" was given: then names may begin with '-'.</param>
    private CopyCommand(bool literal) => _literal = literal;

    /// <summary>Parses and runs.</summary>
    /// <param name="arguments">The command line.</param>
    /// <returns>Exit code.</returns>
    internal static int Run(string[] arguments) => StepProgram.Run(new CopyCommand(arguments.Contains("--")).Build(), arguments);

    private RootCommand Build()
    {
        var root = new RootCommand("Copy disks, all at once: by hand each SOURCE to its TARGET, or with --work every disk of a work directory, as its job.json says.");
        root.Arguments.Add(_places);
        _options.AddTo(root);
        _step.AddTo(root);
        root.Validators.Add(Check);
        root.SetAction(parsed => parsed.GetValue(_step.Work) is not null
            ? StepProgram.RunStep(Name, _step, parsed, context => CopyStep.Run(context, parsed.GetValue(_options.Resume)))
            : Invocation.Run(Name, cancel => CopyByHand(parsed, cancel)));
        return root;
    }

    private void Check(CommandResult result)
    {
        var places = result.GetValue(_places) ?? [];
        if (!_literal && places.FirstOrDefault(place => place.StartsWith('-')) is { } wrong)
        {
            result.AddError($"there is no option {wrong} (a disk whose name begins with '-' goes after '--')");
        }
        else if (result.GetResult(_step.Work) is not null)
        {
            if (places.Length > 0) result.AddError($"'{places[0]}': the disks of --work are those of its metadata.out; name disks, or --work");
            foreach (var option in _options.Given(result)) result.AddError($"{option.Name} is for copies by hand; with --work it is said in job.json");
        }
        else
        {
            if (places.Length == 0) result.AddError("no disk was named: give SOURCE and TARGET, or --work DIR");
            else if (places.Length % 2 != 0) result.AddError($"'{places[^1]}' has no TARGET: disks come in pairs, SOURCE TARGET [SOURCE TARGET …]");
            foreach (var option in new Option[] { _step.Events, _step.Verbose }.Where(option => result.GetResult(option) is { Implicit: false }))
            {
                result.AddError($"{option.Name} goes with --work only");
            }

            _options.Check(result);
        }
    }

    private int CopyByHand(ParseResult parsed, CancellationToken cancel)
    {
        var tasks = Places.Pair(parsed.GetValue(_places)!, _options.Journal(parsed));
        try
        {
            using var observer = new ProgressLines(_options.ProgressDescriptor(parsed));
            CopyEngine.Run(tasks, _options.Read(parsed), observer, cancel);
            return 0;
        }
        catch (CopyException failure)
        {
            throw failure.ToStepException();
        }
        catch (OperationCanceledException interrupted)
        {
            throw new StepException(ErrorCodes.Interrupted, $"interrupted; incomplete: {string.Join(", ", tasks.Select(task => task.Target))}", _options.AfterInterruption(parsed), interrupted);
        }
    }
}
