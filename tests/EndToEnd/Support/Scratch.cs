using System.Diagnostics;

namespace Hyper2Kvm.EndToEnd.Support;

/// <summary>A directory of one test: its targets, its work root, its logs. At the end nothing of the product may be in it.</summary>
internal sealed class Scratch : IDisposable
{
    public Scratch()
    {
        Path = Directory.CreateTempSubdirectory("end-to-end-").FullName;
        Target = Directory.CreateDirectory(File("target")).FullName;
        Environment = new Dictionary<string, string?>
        {
            ["HYPER2KVM_WORK_ROOT"] = File("work"),
            ["HYPER2KVM_STATE"] = File("state"),
            ["DOTNET_EnableDiagnostics"] = "0",
            ["HYPER2KVM"] = Product.Hyper2Kvm,
        };
    }

    public string Path { get; }

    /// <summary>An empty directory for <c>-os</c>.</summary>
    public string Target { get; }

    public IReadOnlyDictionary<string, string?> Environment { get; }

    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Nothing of a run that is over may be left: no work directory, no process, no mount, no loop device.</summary>
    public void AssertNothingLeft()
    {
        WorkDirectories().Should().BeEmpty("a run removes its work directory");
        Processes().Should().BeEmpty("a run's processes end with it");
        System.IO.File.ReadLines("/proc/self/mounts").Where(line => line.Contains(Path, StringComparison.Ordinal)).Should().BeEmpty();
        BackingFilesOfLoops().Where(file => file.Contains(Path, StringComparison.Ordinal)).Should().BeEmpty();
    }

    /// <summary>And nothing may be on the target.</summary>
    public void AssertTargetEmpty() => Directory.EnumerateFileSystemEntries(Target).Should().BeEmpty("a failed run removes what it made");

    /// <summary>The names of what is on the target, in order.</summary>
    public IEnumerable<string> OnTarget() => Directory.EnumerateFileSystemEntries(Target).Select(entry => System.IO.Path.GetFileName(entry)!).Order(StringComparer.Ordinal);

    public IEnumerable<string> WorkDirectories() => Directory.Exists(File("work")) ? Directory.EnumerateDirectories(File("work")) : [];

    /// <summary>Processes whose command line names this directory.</summary>
    public IEnumerable<string> Processes()
        => Directory.EnumerateDirectories("/proc")
            .Where(entry => int.TryParse(System.IO.Path.GetFileName(entry), out var id) && id != System.Environment.ProcessId)
            .Select(CommandLine)
            .Where(line => line.Contains(Path, StringComparison.Ordinal));

    public void Dispose()
    {
        foreach (var left in Process.GetProcesses().Where(process => CommandLine($"/proc/{process.Id}").Contains(Path, StringComparison.Ordinal)))
        {
            left.Kill();
        }

        Directory.Delete(Path, recursive: true);
    }

    private static string CommandLine(string entry)
    {
        try
        {
            return System.IO.File.ReadAllText($"{entry}/cmdline").Replace('\0', ' ');
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return string.Empty;
        }
    }

    private static IEnumerable<string> BackingFilesOfLoops()
        => Directory.EnumerateDirectories("/sys/block", "loop*")
            .Select(loop => System.IO.Path.Combine(loop, "loop/backing_file"))
            .Where(System.IO.File.Exists)
            .Select(file =>
            {
                try
                {
                    return System.IO.File.ReadAllText(file);
                }
                catch (IOException)
                {
                    return string.Empty;
                }
            });
}
