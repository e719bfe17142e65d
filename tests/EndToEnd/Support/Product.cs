using Hyper2Kvm.Core.Processes;
using Hyper2Kvm.Helpers.Convert.Tests.Fakes;

namespace Hyper2Kvm.EndToEnd.Support;

/// <summary>The staged programs, run as a user runs them.</summary>
internal static class Product
{
    public static string Root => Repository.Root;

    public static string Libexec { get; } = Path.Combine(Root, "artifacts/hyper2kvm/libexec");

    public static string Hyper2Kvm { get; } = Path.Combine(Root, "artifacts/hyper2kvm/bin/hyper2kvm");

    /// <summary>Runs <c>hyper2kvm</c> with a work root and a state directory of the test's own.</summary>
    public static CommandResult Run(Scratch scratch, params string[] arguments) => CommandRunner.Run(Command(scratch, arguments));

    public static Command Command(Scratch scratch, params string[] arguments) => new(Hyper2Kvm, arguments) { Environment = scratch.Environment };

    /// <summary>A helper of the exec path by hand.</summary>
    public static CommandResult Helper(Scratch scratch, string name, params string[] arguments)
        => CommandRunner.Run(new Command(Path.Combine(Libexec, name), arguments) { Environment = scratch.Environment });
}
