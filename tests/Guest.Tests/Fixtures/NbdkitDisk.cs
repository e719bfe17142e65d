using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Processes;
using Hyper2Kvm.Core.Servers;

namespace Hyper2Kvm.Guest.Tests.Fixtures;

/// <summary>A raw file behind nbdkit with a COW overlay, as the input step serves it.</summary>
internal static class NbdkitDisk
{
    public static NbdServer Serve(string image, string socket, params string[] extra)
    {
        string[] arguments = ["--foreground", "--exit-with-parent", "--unix", socket, "--filter=cow", .. extra, "file", image];
        var server = NbdServer.Start(new Command("nbdkit", arguments), socket, image, ErrorCodes.InputServer);
        server.WaitUntilReady();
        return server;
    }
}
