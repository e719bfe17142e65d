using Hyper2Kvm.Core.Processes;
using Hyper2Kvm.Helpers.Output.Tests.Support;

namespace Hyper2Kvm.Ctl.Tests;

/// <summary>The programs as they are installed.</summary>
internal static class Product
{
    public static string Hyper2Kvm { get; } = Path.Combine(Repository.Root, "artifacts/hyper2kvm/bin/hyper2kvm");

    /// <summary>Runs ctl.</summary>
    public static Task<CommandResult> CtlAsync(params string[] arguments)
        => Task.Run(() => CommandRunner.Run(new Command(Repository.Program("ctl"), arguments)));

    /// <summary>Runs ctl on the control socket of a daemon.</summary>
    public static Task<CommandResult> AskAsync(string socket, params string[] arguments) => CtlAsync(["--socket", socket, .. arguments]);
}
