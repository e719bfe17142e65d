namespace Hyper2Kvm.Helpers.Input.CommandLine;

/// <summary>Which input type this one program was called for.</summary>
/// <param name="Type">Input type, <c>vmdk</c>; <see langword="null"/> where neither name nor first argument tells.</param>
/// <param name="Arguments">The arguments without the type.</param>
internal sealed record InvokedAs(string? Type, string[] Arguments)
{
    private const string Prefix = "input-";

    /// <summary>Name of the step in events and logs.</summary>
    public string Step => Prefix + Type;

    /// <summary>The type from the name that the program was called by (<c>input-vmdk</c>), else from the first argument (<c>input vmdk</c>).</summary>
    /// <param name="arguments">The command line.</param>
    /// <remarks>.NET hides argv[0]; the links in the private directory differ in nothing else, so it is read from the kernel (proc(5), /proc/self/cmdline).</remarks>
    public static InvokedAs Read(string[] arguments) => From(File.ReadAllText("/proc/self/cmdline").Split('\0')[0], arguments);

    /// <summary>The same, for a given argv[0].</summary>
    /// <param name="programName">argv[0].</param>
    /// <param name="arguments">The command line.</param>
    public static InvokedAs From(string programName, string[] arguments)
    {
        var name = Path.GetFileName(programName);
        if (name.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return new InvokedAs(name[Prefix.Length..], arguments);
        }

        return arguments is [var type, ..] && !type.StartsWith('-')
            ? new InvokedAs(type, arguments[1..])
            : new InvokedAs(null, arguments);
    }
}
