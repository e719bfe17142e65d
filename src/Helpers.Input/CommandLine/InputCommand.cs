using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Events;
using Hyper2Kvm.Core.Programs;
using Hyper2Kvm.Helpers.Input.Inputs;

namespace Hyper2Kvm.Helpers.Input.CommandLine;

/// <summary>The command line of <c>input-TYPE</c>. Names follow virt-v2v where it has them.</summary>
internal sealed class InputCommand
{
    private readonly StepOptions _common = new();
    private readonly Argument<string[]> _sources = new("DISK") { Description = "Source, one for each disk of the guest, the one that it boots from first. Without any: from job.json.", Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<string?> _format = new("--format", "-if") { Description = "Format of the sources, where it is not to be detected: raw, qcow2, vmdk, vhd, vhdx, vdi.", HelpName = "FORMAT" };
    private readonly Option<bool> _inPlace = new("--in-place") { Description = "Open the sources themselves for writing, without an overlay." };
    private readonly Option<string[]> _options = new("--input-option", "-io") { Description = "Option of the input type; may be repeated. reader=own|qemu: who inflates stream-optimised VMDK.", HelpName = "KEY=VALUE", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string?> _name = new("--name") { Description = "Name of the guest; the first source's file name where it is missing.", HelpName = "NAME" };
    private readonly Option<bool> _foreground = new("--foreground") { Description = "Serve until told to stop, instead of in the background." };
    private readonly Option<string?> _owner = new("--owner") { Description = "Process whose end ends the servers; the calling process where it is missing.", HelpName = "PID|none" };
    private readonly Option<bool> _printSource = new("--print-source") { Description = "Print what the source is (metadata.in) and serve nothing." };
    private readonly InvokedAs _invoked;
    private readonly IInput _input;

    private InputCommand(InvokedAs invoked, IInput input)
    {
        _invoked = invoked;
        _input = input;
    }

    /// <summary>Parses and runs.</summary>
    /// <param name="invoked">Which input type, and the arguments.</param>
    /// <returns>Exit code.</returns>
    public static int Run(InvokedAs invoked)
    {
        if (invoked.Type is null || InputTypes.Find(invoked.Type) is not { } input)
        {
            FailureText.Write(
                Console.Error,
                "input",
                invoked.Type is null ? "no input type was named" : $"there is no input type '{invoked.Type}'",
                $"Call it as input-TYPE or 'input TYPE', where TYPE is one of: {string.Join(", ", InputTypes.All.Select(known => known.Name))}.",
                ErrorCodes.Usage);
            return ErrorCodes.Usage.ExitCode;
        }

        var command = new InputCommand(invoked, input);
        return StepProgram.Run(command.Build(), invoked.Arguments);
    }

    private Command Build()
    {
        // Not a RootCommand: that one would call itself "input" in its help.
        var root = new Command(_invoked.Step, $"{_input.Description} Each disk N is served on the socket inN of the work directory; the source itself is never written.");
        root.Options.Add(new HelpOption());
        root.Options.Add(new VersionOption());
        root.Arguments.Add(_sources);
        foreach (var option in new Option[] { _format, _options, _inPlace, _name, _foreground, _owner, _printSource })
        {
            root.Options.Add(option);
        }

        _owner.Validators.Add(CheckOwner);
        _options.Validators.Add(CheckOptions);
        _sources.Validators.Add(CheckSources);
        _common.AddTo(root);
        root.SetAction(parsed => parsed switch
        {
            _ when parsed.GetValue(_printSource) => PrintSource(parsed),
            _ when parsed.GetValue(_foreground) => StepProgram.RunStep(_invoked.Step, _common, parsed, context => Serve(context, parsed)),
            _ => StartInBackground(parsed),
        });
        return root;
    }

    private static void CheckOwner(OptionResult result)
    {
        if (result.GetValueOrDefault<string?>() is { } text && text != "none" && !(int.TryParse(text, out var id) && id >= 0))
        {
            result.AddError($"--owner takes a process id or 'none', not '{text}'");
        }
    }

    private static void CheckOptions(OptionResult result)
    {
        if (result.Tokens.FirstOrDefault(token => token.Value.IndexOf('=') <= 0) is { } wrong)
        {
            result.AddError($"-io {wrong.Value} is not of the form KEY=VALUE");
        }
    }

    /// <summary>An option that does not exist would be taken for a disk.</summary>
    private void CheckSources(ArgumentResult result)
    {
        if (!_invoked.Arguments.Contains("--") && result.Tokens.FirstOrDefault(token => token.Value.StartsWith('-')) is { } wrong)
        {
            result.AddError($"there is no option {wrong.Value} (a disk whose name begins with '-' goes after '--')");
        }
    }

    private int PrintSource(ParseResult parsed)
    {
        try
        {
            var job = parsed.GetValue(_common.Work) is { } work ? DocumentFile.TryLoad(work, DocumentContext.Default.Job)?.Input : null;
            var plan = _input.Prepare(Request(parsed, InputFlags.Merge(job ?? new JobInput(), _input.Name, Flags(parsed))));
            Console.Out.WriteLine(System.Text.Json.JsonSerializer.Serialize(plan.Metadata, DocumentContext.Default.SourceMetadata));
            return 0;
        }
        catch (StepException failure)
        {
            FailureText.Write(Console.Error, _invoked.Step, failure);
            return failure.Code.ExitCode;
        }
    }

    private void Serve(StepContext context, ParseResult parsed)
        => InputStep.Run(context, _input, Request(parsed, SaveJob(context.Work, parsed)), Owner(parsed));

    /// <summary>Writes the flags into job.json and leaves the rest to a keeper, which finds them there.</summary>
    private int StartInBackground(ParseResult parsed)
    {
        EventWriter? events = null;
        try
        {
            events = EventWriter.Open(_invoked.Step, parsed.GetValue(_common.Events));
            if (parsed.GetValue(_common.Events) is null)
            {
                events.Observer = StepProgram.Tell;
            }

            var work = _common.WorkDirectory(parsed);
            SaveJob(work, parsed);
            List<string> arguments = [_input.Name, "--work", work.Path];
            arguments.AddRange(parsed.GetValue(_name) is { } name ? [$"--name={name}"] : []);
            arguments.AddRange(parsed.GetValue(_common.Verbose) ? ["--verbose"] : []);
            return ServingStep.StartInBackground(Environment.ProcessPath!, arguments, Owner(parsed), events.Write);
        }
        catch (StepException failure)
        {
            if (events is null)
            {
                FailureText.Write(Console.Error, _invoked.Step, failure);
            }

            events?.Error(failure);
            return failure.Code.ExitCode;
        }
        finally
        {
            events?.Dispose();
        }
    }

    private JobInput SaveJob(Core.Work.WorkDirectory work, ParseResult parsed)
    {
        var job = work.LoadJob();
        var merged = InputFlags.Merge(job.Input, _input.Name, Flags(parsed));
        if (!ReferenceEquals(merged, job.Input))
        {
            work.Save(job with { Input = merged });
        }

        return merged;
    }

    private InputFlags Flags(ParseResult parsed) => new(parsed.GetValue(_sources) ?? [], parsed.GetValue(_format), parsed.GetValue(_inPlace), Options(parsed));

    /// <summary>The last of one key counts.</summary>
    private Dictionary<string, string> Options(ParseResult parsed)
        => (parsed.GetValue(_options) ?? []).Select(option => option.Split('=', 2)).GroupBy(pair => pair[0], pair => pair[1]).ToDictionary(group => group.Key, group => group.Last());

    private InputRequest Request(ParseResult parsed, JobInput job) => new(job.Sources, job.Format, job.InPlace, parsed.GetValue(_name), job.Options);

    private int Owner(ParseResult parsed) => parsed.GetValue(_owner) switch
    {
        null => ServingStep.Caller,
        "none" => 0,
        var id => int.Parse(id),
    };
}
