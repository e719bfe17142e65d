using System.Diagnostics;

namespace Hyper2Kvm.Copy.Tests;

/// <summary>qemu-nbd with a fresh qcow2 image; it forks when it is ready.</summary>
internal sealed class QemuNbdServer : IDisposable
{
    private readonly int _pid;
    private bool _stopped;

    internal QemuNbdServer(string image, long size, string socket)
    {
        Socket = socket;
        Workspace.Run("qemu-img", "create", "-q", "-f", "qcow2", image, $"{size}").Should().Be(0);
        Workspace.Run("qemu-nbd", "--fork", "--pid-file", socket + ".pid", "-t", "-f", "qcow2", "--discard=unmap", "-k", socket, image).Should().Be(0);
        _pid = int.Parse(File.ReadAllText(socket + ".pid"));
    }

    internal string Socket { get; }

    public void Dispose()
    {
        if (_stopped) return;
        _stopped = true;

        // SIGTERM: qemu-nbd closes the image properly. It is not our child, so its end is awaited by a pidfd-less poll of .NET.
        using var process = Process.GetProcessById(_pid);
        Workspace.Run("kill", $"{_pid}");
        process.WaitForExit();
    }
}
