using Hyper2Kvm.Helpers.Output;

return OutputProgram.Run(ProgramName.Called, args);
