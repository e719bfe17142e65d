using System.CommandLine;

namespace Hyper2Kvm.Core.Programs;

/// <summary><c>--backend</c>: what mounts the file systems of a guest.</summary>
public static class BackendOption
{
    /// <summary>Where nothing else is said.</summary>
    public const string Default = "auto";

    /// <summary>Makes the option.</summary>
    public static Option<string?> Create()
    {
        var option = new Option<string?>("--backend") { Description = "What mounts the guest's file systems: direct (this host), appliance (libguestfs), or auto.", HelpName = "direct|appliance|auto" };
        option.AcceptOnlyFromAmong("direct", "appliance", Default);
        return option;
    }
}
