using Hyper2Kvm.Core.Programs;
using Hyper2Kvm.Daemon.Service;

return StepProgram.Run(DaemonCommand.Create(), args);
