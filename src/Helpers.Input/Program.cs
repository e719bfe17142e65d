using Hyper2Kvm.Helpers.Input.CommandLine;

return InputCommand.Run(InvokedAs.Read(args));
