using Hyper2Kvm.Core.Errors;

namespace Hyper2Kvm.Helpers.Output.Outputs;

/// <summary>The one table of outputs. A new one is a class and a line here (and a link in the project file).</summary>
internal static class OutputTypes
{
    private const string Prefix = "output-";

    private static readonly Dictionary<string, Func<IOutput>> ByName = new(StringComparer.Ordinal)
    {
        ["libvirt"] = () => new LibvirtOutput(),
        ["local"] = () => new LocalOutput(),
        ["null"] = () => new NullOutput(),
        ["qemu"] = () => new QemuOutput(),
    };

    /// <summary>Names of all outputs.</summary>
    public static IEnumerable<string> Names => ByName.Keys;

    /// <summary>Name of the output that a program name means.</summary>
    /// <param name="program">Name that the program was called by, for example <c>/usr/libexec/hyper2kvm/output-local</c>.</param>
    /// <exception cref="StepException">It is no name of an output (<see cref="ErrorCodes.Usage"/>).</exception>
    public static string NameOf(string program)
    {
        var called = Path.GetFileName(program);
        var name = called.StartsWith(Prefix, StringComparison.Ordinal) ? called[Prefix.Length..] : string.Empty;
        return ByName.ContainsKey(name)
            ? name
            : throw new StepException(
                ErrorCodes.Usage,
                $"'{called}' is not the name of an output",
                $"Call it as one of: {string.Join(", ", ByName.Keys.Select(known => Prefix + known))}.");
    }

    /// <summary>An output.</summary>
    /// <param name="name">Its name.</param>
    public static IOutput Get(string name) => ByName[name]();
}
