using System.CommandLine;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Programs;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Step;

UserNamespace.Enter(args);
var options = new StepOptions();
var system = new Option<string?>("--root") { Description = "Which system, where there are several: first, single or /dev/sdXN.", HelpName = "ROOT" };
var keys = KeyOption.Create();
var workers = new Option<int>("--workers") { Description = "Most file systems that are mounted at once (default 4).", HelpName = "N" };
var force = new Option<bool>("--force-hibernated") { Description = "Write though the guest (Windows or Linux) is hibernated, or left an NTFS volume dirty. The hibernated session is lost." };
var backend = BackendOption.Create();
var keepConsole = new Option<bool>("--keep-serial-console") { Description = "Leave consoles of Xen (console=hvc0, their gettys) as they are (default: the first serial port takes their place)." };
var rebuild = RebuildOption.Create();
var inspectOnly = new Option<bool>("--inspect-only") { Description = "Look, change nothing; inspection.json tells what was found." };
var verifyOnly = new Option<bool>("--verify-only") { Description = "Tell whether the guest boots on KVM, change nothing; verification.json tells what was found." };
var root = new RootCommand("Convert the guest behind in0 in1 … of a work directory, in its overlays.") { system, keys, workers, force, backend, keepConsole, rebuild, inspectOnly, verifyOnly };
var customise = new CustomiseOptions();
var cards = new CardOptions();
options.AddTo(root);
cards.AddTo(root);
customise.AddTo(root);
root.SetAction(parsed => StepProgram.RunStep(
    "convert",
    options,
    parsed,
    context =>
    {
        if (cards.Places(parsed).Count > 0)
        {
            throw new StepException(ErrorCodes.Usage, "--mac MAC:network:NAME and MAC:bridge:NAME are no options of this step", "Put them into output.cards of job.json; MAC:ip:ADDRESS can be given here.");
        }

        var choices = new StepChoices(parsed.GetValue(system), parsed.GetValue(workers), parsed.GetValue(force), parsed.GetValue(backend), parsed.GetValue(keepConsole), parsed.GetValue(rebuild), KeyOption.Read(parsed, keys), job => customise.ApplyTo(parsed, cards.ApplyTo(parsed, job)));
        if (parsed.GetValue(inspectOnly))
        {
            ConvertStep.Inspect(context, choices);
        }
        else if (parsed.GetValue(verifyOnly))
        {
            ConvertStep.Verify(context, choices);
        }
        else
        {
            ConvertStep.Convert(context, choices);
        }
    }));
return StepProgram.Run(root, args);
