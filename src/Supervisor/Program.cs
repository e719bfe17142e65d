using System.CommandLine;
using Hyper2Kvm.Core.Programs;
using Hyper2Kvm.Supervisor.Commands;
using Hyper2Kvm.Supervisor.Display;

// Before anything of this process is set up: the other program starts as if it had been started itself.
if (ExternalCommand.IsNamed(args))
{
    return ExternalCommand.Become(args);
}

LastingWriter.Install();

// What virt-v2v's callers ask before anything else; before the parser, because it stands alone.
if (args is ["--exec-path"])
{
    Console.Out.WriteLine(ExecPath.Directory);
    return 0;
}

if (args is ["--machine-readable"])
{
    foreach (var line in Capabilities.Lines())
    {
        Console.Out.WriteLine(line);
    }

    return 0;
}

var root = new RootCommand("Move virtual machines from VMware, Hyper-V, VirtualBox, Xen and disk images to KVM.")
{
    ConvertCommand.Create(),
    InPlaceCommand.Create(),
    InspectCommand.Create(),
    VerifyCommand.Create(),
    CleanupCommand.Create(),
    DoctorCommand.Create(),
};
foreach (var external in ExternalCommand.Listed())
{
    root.Subcommands.Add(external);
}

root.Options.Add(new Option<bool>("--exec-path") { Description = "Print the directory of the helper programs." });
root.Options.Add(new Option<bool>("--machine-readable") { Description = "Print what this version can do, a word a line." });
return StepProgram.Run(root, args);
