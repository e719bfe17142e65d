using System.Diagnostics;

namespace Hyper2Kvm.Nbd.Tests;

/// <summary>
/// A real nbdkit on a Unix socket. Its <c>--run</c> command says when it is ready and waits for our end of a pipe to
/// close: nothing is polled, and nothing outlives the tests, however they end.
/// </summary>
internal sealed class NbdkitServer : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("nbd-test-").FullName;
    private readonly Process _process;
    private bool _frozen;

    internal NbdkitServer(params string[] arguments)
    {
        var start = new ProcessStartInfo("nbdkit") { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var argument in (string[])["-U", Socket, "--run", "echo ready; read line", .. arguments]) start.ArgumentList.Add(argument);
        _process = Process.Start(start)!;
        if (_process.StandardOutput.ReadLine() != "ready") throw new InvalidOperationException($"nbdkit {string.Join(' ', arguments)} did not start");
    }

    internal string Socket => Path.Combine(_directory, "s");

    internal NbdConnection Connect(NbdConnectionOptions? options = null) => NbdConnection.Connect(NbdEndpoint.Unix(Socket), options);

    /// <summary>kill -9 of the server itself, which is a child of the nbdkit that runs the command.</summary>
    internal void Kill() => Signal("KILL");

    /// <summary>SIGTERM: nbdkit ends in its own time, and may say so to its clients.</summary>
    internal void Terminate() => Signal("TERM");

    /// <summary>SIGSTOP: the server is there, takes connections into its backlog, and answers nothing.</summary>
    internal void Freeze()
    {
        _frozen = true;
        Signal("STOP");
    }

    internal void Thaw()
    {
        Signal("CONT");
        _frozen = false;
    }

    private void Signal(string name)
    {
        var children = File.ReadAllText($"/proc/{_process.Id}/task/{_process.Id}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var server = children.Single(pid => File.ReadAllText($"/proc/{pid}/comm").Trim() == "nbdkit");
        using var kill = Process.Start("kill", ["-s", name, server]);
        kill.WaitForExit();
    }

    public void Dispose()
    {
        // The end of the command's input ends the command, and that ends the server.
        if (_frozen) Thaw(); // A stopped process does not end.
        _process.StandardInput.Close();
        var ended = _process.WaitForExit(TimeSpan.FromSeconds(20));
        if (!ended) _process.Kill(entireProcessTree: true);
        _process.Dispose();
        Directory.Delete(_directory, recursive: true);
        if (!ended) throw new InvalidOperationException("nbdkit did not end: a connection to it was left open");
    }
}
