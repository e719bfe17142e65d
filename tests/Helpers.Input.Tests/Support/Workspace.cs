using System.Diagnostics;
using Hyper2Kvm.Core.Processes;

namespace Hyper2Kvm.Helpers.Input.Tests.Support;

/// <summary>A directory of one test, with the keepers that were started in it; both are gone afterwards.</summary>
public sealed class Workspace : IDisposable
{
    public Workspace() => Directory.CreateDirectory(Root, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

    public string Root { get; } = $"/var/tmp/h2k-in-{Guid.NewGuid().ToString("N")[..8]}";

    /// <summary>Work directory of the run under test.</summary>
    public string Work => Path.Combine(Root, "work");

    public string File(string name) => Path.Combine(Root, name);

    public string Socket(int disk) => Path.Combine(Work, $"in{disk}");

    /// <summary>Makes a raw disk with recognisable data at its start, middle and end.</summary>
    public string RawDisk(string name, long bytes, int seed = 1)
    {
        var path = File(name);
        using var stream = new FileStream(path, FileMode.Create);
        stream.SetLength(bytes);
        var random = new Random(seed);
        var block = new byte[(int)Math.Min(bytes / 4, 300_000)];
        foreach (var offset in new[] { 0, (bytes / 2) + 12_345, bytes - block.Length })
        {
            random.NextBytes(block);
            stream.Position = offset;
            stream.Write(block);
        }

        return path;
    }

    /// <summary>Processes with this directory in their command line.</summary>
    public IReadOnlyList<Process> Processes()
        => [.. Process.GetProcesses().Where(process => process.Id != Environment.ProcessId && CommandLine(process.Id).Contains(Root))];

    public CommandResult Input(string type, params string[] arguments) => Tool.Input(type, ["--work", Work, .. arguments]);

    public int KeeperId(string type) => int.Parse(System.IO.File.ReadAllText(Path.Combine(Work, $"input-{type}.pid")));

    public void Dispose()
    {
        foreach (var process in Processes())
        {
            process.Kill();
            process.WaitForExit();
        }

        Directory.Delete(Root, recursive: true);
    }

    private static string CommandLine(int id)
    {
        try
        {
            return System.IO.File.ReadAllText($"/proc/{id}/cmdline");
        }
        catch (IOException)
        {
            return string.Empty; // It has ended.
        }
    }
}
