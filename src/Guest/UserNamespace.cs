using Hyper2Kvm.Core.Processes;
using Hyper2Kvm.Guest.Native;

namespace Hyper2Kvm.Guest;

/// <summary>Lets an ordinary user open guests: in a user namespace of its own a program may have mount namespaces and FUSE (user_namespaces(7)).</summary>
public static class UserNamespace
{
    /// <summary>Starts this program anew in a user namespace, in the same process, where it is not root; else, or where this host forbids it, returns at once.</summary>
    /// <param name="arguments">The program's arguments.</param>
    /// <remarks>
    /// To be called first of all: unshare(2) makes no user namespace for a process that has threads, as any .NET program has. All ids of the user are taken into it
    /// where newuidmap(1) lets it, so that files keep their owners. <see cref="GuestMachine.Open"/> tells where the host forbids it.
    /// </remarks>
    public static void Enter(IReadOnlyList<string> arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        if (Environment.IsPrivilegedProcess || ToolPackages.Find("unshare") is not { } unshare || Environment.ProcessPath is not { } program)
        {
            return;
        }

        foreach (var ids in (string[][])[["--map-auto"], []])
        {
            string[] options = ["--user", "--map-root-user", .. ids, "--"];
            if (CommandRunner.Run(new Command(unshare, [.. options, "true"])).Succeeded)
            {
                // Returns only where it fails; what that means is told when a guest is opened.
                _ = NativeMethods.Execute(unshare, [unshare, .. options, program, .. arguments, null]);
                return;
            }
        }
    }
}
