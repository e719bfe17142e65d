using System.Diagnostics;
using Microsoft.Win32.SafeHandles;

namespace Hyper2Kvm.Copy.Tests;

/// <summary>
/// A loop device over a file. It is told to clear itself when nobody has it open any more, and we have it open: so it
/// goes with the test, however that ends.
/// </summary>
internal sealed class LoopDevice : IDisposable
{
    private readonly SafeFileHandle _held;

    internal LoopDevice(string file, params string[] options)
    {
        var start = new ProcessStartInfo("losetup", ["--find", "--show", .. options, file]) { RedirectStandardOutput = true };
        using var losetup = Process.Start(start)!;
        Path = losetup.StandardOutput.ReadToEnd().Trim();
        losetup.WaitForExit();
        if (losetup.ExitCode != 0) throw new InvalidOperationException($"losetup {string.Join(' ', options)} {file} failed");
        _held = File.OpenHandle(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        Workspace.Run("losetup", "--detach", Path).Should().Be(0);
    }

    internal string Path { get; }

    internal CopyEndpoint Endpoint => CopyEndpoint.File(Path);

    public void Dispose() => _held.Dispose();
}
