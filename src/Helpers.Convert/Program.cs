using System.CommandLine;
using Hyper2Kvm.Core.Programs;
using Hyper2Kvm.Helpers.Convert.Step;

var options = new StepOptions();
var system = new Option<string?>("--root") { Description = "Which system, where there are several: first, single or /dev/sdXN.", HelpName = "ROOT" };
var keys = KeyOption.Create();
var inspectOnly = new Option<bool>("--inspect-only") { Description = "Look, change nothing; report.json tells what was found." };
var root = new RootCommand("Convert the guest behind in0 in1 … of a work directory, in its overlays.") { system, keys, inspectOnly };
options.AddTo(root);
root.SetAction(parsed => StepProgram.RunStep(
    "convert",
    options,
    parsed,
    context =>
    {
        var given = KeyOption.Read(parsed, keys);
        if (parsed.GetValue(inspectOnly))
        {
            ConvertStep.Inspect(context, parsed.GetValue(system), given);
        }
        else
        {
            ConvertStep.Convert(context, parsed.GetValue(system), given);
        }
    }));
return StepProgram.Run(root, args);
