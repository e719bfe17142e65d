using System.CommandLine;
using Hyper2Kvm.Copy.Step;
using Hyper2Kvm.Core.Programs;

// By hand a better nbdcopy (copy SOURCE TARGET); as a step of the pipeline all disks of a work directory (copy --work DIR).
if (!args.Contains("--work") && !args.Contains("-w"))
{
    return Hyper2Kvm.Copy.CommandLine.Run(args);
}

var options = new StepOptions();
var root = new RootCommand("Copy all disks of a work directory.");
options.AddTo(root);
var resume = new Option<bool>("--resume") { Description = "Go on with a copy of this work directory that was killed: what it had finished and flushed is not copied again." };
root.Add(resume);
root.SetAction(parsed => StepProgram.RunStep("copy", options, parsed, context => CopyStep.Run(context, parsed.GetValue(resume))));
return StepProgram.Run(root, args);
