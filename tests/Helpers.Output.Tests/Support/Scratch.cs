using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Events;
using Hyper2Kvm.Core.Processes;
using Hyper2Kvm.Core.Programs;
using Hyper2Kvm.Core.Work;

namespace Hyper2Kvm.Helpers.Output.Tests.Support;

/// <summary>A work directory and a target directory of one test, with what one does to them.</summary>
internal sealed class Scratch : IDisposable
{
    private static readonly TimeSpan KeeperDeadline = TimeSpan.FromSeconds(30);

    public Scratch()
    {
        Root = Directory.CreateTempSubdirectory("out.").FullName;
        Target = Directory.CreateDirectory(Path.Combine(Root, "target")).FullName;
        Work = WorkDirectory.Use(Path.Combine(Root, "w"));
    }

    public string Root { get; }

    public string Target { get; }

    public WorkDirectory Work { get; }

    /// <summary>Names in the target directory, sorted.</summary>
    public string[] TargetNames => [.. Directory.EnumerateFileSystemEntries(Target).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    public string InTarget(string name) => Path.Combine(Target, name);

    /// <summary>Runs a program of the product and gives what it wrote.</summary>
    public CommandResult Run(string program, params string[] arguments) => CommandRunner.Run(Command(program, arguments));

    public Command Command(string program, params string[] arguments)
        => new(Repository.Program(program), [arguments[0], "--work", Work.Path, .. arguments[1..]]);

    /// <summary>Runs it and expects success.</summary>
    public void Succeed(string program, params string[] arguments)
    {
        var result = Run(program, arguments);
        result.ExitCode.Should().Be(0, result.ErrorText);
    }

    /// <summary>A step inside this process, for tests that stop it in the middle.</summary>
    public StepContext Step(string name) => new(name, Work, EventWriter.Open(name, null), Serilog.Core.Logger.None, CancellationToken.None);

    public Job JobFor(string type, string format = "raw") => new()
    {
        Schema = Job.SchemaName,
        Id = Work.Id,
        Output = new JobOutput { Type = type, Storage = Target, Format = format },
    };

    /// <summary>Does what the copy would: a pattern into the server behind <c>outN</c>, or into its file, which becomes an image of the job's format.</summary>
    public void Fill(int disk, byte pattern)
    {
        var target = Work.OutTarget(disk);
        var file = new FileInfo(target).LinkTarget;
        var format = file is not null ? Work.LoadJob().Output.Format ?? "raw" : "raw";
        if (format == "qcow2")
        {
            var size = Work.LoadTarget().Disks.Single(one => one.Index == disk).VirtualBytes;
            CommandRunner.Run(new Command("qemu-img", "create", "-q", "-f", "qcow2", file!, $"{size}")).ExitCode.Should().Be(0);
        }

        var result = CommandRunner.Run(new Command("qemu-io", "-f", format, "-c", $"write -P {pattern} 64k 128k", "-c", "flush", file ?? $"nbd+unix:///?socket={target}"));
        result.ExitCode.Should().Be(0, result.ErrorText + result.OutputText);
    }

    /// <summary>Whether a disk of the target holds what <see cref="Fill"/> wrote.</summary>
    public bool Holds(string name, string format, byte pattern)
        => CommandRunner.Run(new Command("qemu-io", "-r", "-f", format, "-c", $"read -P {pattern} 64k 128k", InTarget(name))) is { Succeeded: true } result
            && !result.OutputText.Contains("verification failed", StringComparison.Ordinal);

    /// <summary>Process ids of servers that run for this work directory.</summary>
    public IReadOnlyList<int> Servers()
        => [.. Directory.EnumerateDirectories("/proc")
            .Select(path => int.TryParse(Path.GetFileName(path), out var id) ? id : 0)
            .Where(id => id > 0 && CommandLine(id) is var words && words.Contains(Work.Path, StringComparison.Ordinal) && (words.Contains("nbd", StringComparison.Ordinal)))];

    public void Dispose()
    {
        foreach (var (_, processId) in Work.Serving().ToList())
        {
            EndOfProcess.Kill(processId, KeeperDeadline);
        }

        Directory.Delete(Root, recursive: true);
    }

    /// <summary>The error event that a program with <c>--events fd:1</c> wrote.</summary>
    public static StepEvent ErrorOf(CommandResult result)
        => result.OutputText.Split('\n').Select(StepEvent.TryParse).OfType<StepEvent>().Single(what => what.Type == EventType.Error);

    private static string CommandLine(int processId)
    {
        try
        {
            return File.ReadAllText($"/proc/{processId}/cmdline");
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return string.Empty;
        }
    }
}
