using Hyper2Kvm.Copy;

// A placeholder: the work directory and the events of design.md are wired to the engine later.
return CommandLine.Run(args);
