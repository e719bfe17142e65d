using Hyper2Kvm.Core.Processes;

// A real program for the tests to kill: it owns a child, and says its process id.
using var child = ChildProcess.Start(new Command(args[0], args[1..]));
Console.WriteLine(child.Id);
child.Wait();
