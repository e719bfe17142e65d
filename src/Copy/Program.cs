return Hyper2Kvm.Copy.CommandLine.CopyCommand.Run(args);
