using Hyper2Kvm.Core.Programs;

namespace Hyper2Kvm.Supervisor.Commands;

/// <summary>What this version can do, a word a line, as virt-v2v's <c>--machine-readable</c> prints it.</summary>
internal static class Capabilities
{
    /// <summary>Its lines.</summary>
    public static IEnumerable<string> Lines()
        => ["hyper2kvm", $"version:{ProductVersion.Text}", "events:1", "in-place", "inspect", "verify",
            .. ExecPath.Types("input").Select(type => $"input:{type}"),
            .. ExecPath.Types("output").Select(type => $"output:{type}"),
            "convert:linux"];
}
