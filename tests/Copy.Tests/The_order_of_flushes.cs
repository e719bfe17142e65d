namespace Hyper2Kvm.Copy.Tests;

/// <summary>What would be trusted after a crash is written after what it tells of is on the disk. strace shows the order.</summary>
public sealed class The_order_of_flushes : IDisposable
{
    private readonly Workspace _work = new();

    public void Dispose() => _work.Dispose();

    [Fact]
    public void Is_target_then_note_then_journal() =>
        Calls().Should().MatchRegex("^(sync )*header sync (data flush note sync )+(data )?flush complete sync $");

    [Fact]
    public void Of_an_image_has_its_header_after_all_that_it_leads_to() =>
        Calls("--target-format", "qcow2").Should().MatchRegex("^(sync )*header sync (data flush note sync )+data flush magic flush complete sync $");

    /// <summary>Writes and flushes of the target and of its journal, in order; what comes many times is told once.</summary>
    private string Calls(params string[] options)
    {
        var source = _work.RandomImage("source", 140 << 20, new Random(1), 40, 16 << 20);
        var (code, _, errors) = CopyProgram.Run(
            "strace", ["-f", "-y", "-s", "16", "-o", _work.Path("trace"), "-e", "trace=pwrite64,write,fsync,fdatasync", CopyProgram.Path, source, _work.Path("target"), "--journal", _work.Path("journal"), "--journal-every", "0", "--connections", "1", .. options]);
        code.Should().Be(0, errors);
        var calls = "";
        foreach (var call in File.ReadLines(_work.Path("trace")).Select(Name).OfType<string>().Where(call => call != "data" || !calls.EndsWith("data ", StringComparison.Ordinal))) calls += call + " ";
        return calls;
    }

    /// <summary>What a line of strace is; a call that was interrupted by another thread's is known by its first half.</summary>
    private string? Name(string line)
    {
        var isWrite = line.Contains("write", StringComparison.Ordinal);
        return line switch
        {
            _ when line.Contains($"<{_work.Path("target")}>, \"QFI", StringComparison.Ordinal) => "magic",
            _ when line.Contains($"<{_work.Path("target")}>", StringComparison.Ordinal) => isWrite ? "data" : "flush",
            _ when !line.Contains($"<{_work.Path("journal.0")}>", StringComparison.Ordinal) => null,
            _ when line.Contains("\"{\\\"header", StringComparison.Ordinal) => "header",
            _ when line.Contains("\"{\\\"done", StringComparison.Ordinal) => "note",
            _ when line.Contains("\"{\\\"complete", StringComparison.Ordinal) => "complete",
            _ => isWrite ? "something else" : "sync",
        };
    }
}
