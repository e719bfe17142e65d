using Hyper2Kvm.Core.Errors;

namespace Hyper2Kvm.Copy.Tests;

/// <summary>What a person sees: pairs of disks, options, refusals, exit codes, signals.</summary>
public sealed class The_command_line
{
    private static readonly string[] Options =
    [
        "--connections", "--request-size", "--depth", "--bandwidth", "--target-format", "--cluster-size", "--compressed", "--allocated",
        "--destination-is-zero", "--no-direct", "--no-flush", "--progress-fd", "--work",
    ];

    [Fact]
    public void Helps_with_every_option_and_its_default()
    {
        var (code, output, _) = CopyProgram.Copy("--help");
        code.Should().Be(0);
        output.Should().Contain("[<SOURCE TARGET>...]").And.Contain("BYTES");
        foreach (var option in Options) output.Should().Contain(option);
        output.Split('\n').Count(line => line.Contains("default:", StringComparison.Ordinal)).Should().BeGreaterThanOrEqualTo(Options.Length - 1);
    }

    [Fact]
    public void Copies_pairs_of_disks_with_options_before_between_and_after_them()
    {
        using var work = new Workspace();
        var (one, two) = (work.RandomImage("one", 3 << 20, new Random(1), 9, 1 << 20), work.RandomImage("two", 77777, new Random(2), 9, 1 << 10));
        var (code, _, errors) = CopyProgram.Copy(
            "--allocated", one, work.Path("out one"), "--request-size", "64k", "--connections=2", two, work.Path("out two"), "--bandwidth", "2G", "--depth", "3", "--no-direct", "--no-flush");
        code.Should().Be(0, errors);
        errors.Should().BeEmpty();
        Workspace.MustBeEqual(one, work.Path("out one"), "one");
        Workspace.MustBeEqual(two, work.Path("out two"), "two");
    }

    [Theory]
    [InlineData("64k", false)]
    [InlineData("2M", true)]
    public void Makes_qcow2_images(string clusterSize, bool compressed)
    {
        using var work = new Workspace();
        var source = work.RandomImage("source", 5 << 20, new Random(1), 9, 1 << 20);
        string[] more = compressed ? ["--compressed"] : [];
        CopyProgram.Copy([source, work.Path("target"), "--target-format", "qcow2", "--cluster-size", clusterSize, .. more]).ExitCode.Should().Be(0);
        Workspace.Run("qemu-img", "compare", "-f", "raw", "-F", "qcow2", source, work.Path("target")).Should().Be(0);
    }

    [Fact]
    public void Writes_progress_as_nbdcopy_does()
    {
        using var work = new Workspace();
        var source = work.RandomImage("source", 32 << 20, new Random(1), 30, 1 << 20);
        var (code, _, errors) = CopyProgram.Shell($"exec \"$COPY\" {source} {work.Path("target")} --progress-fd 7 7>{work.Path("progress")}");
        code.Should().Be(0, errors);
        var lines = File.ReadAllLines(work.Path("progress"));
        lines.Should().OnlyContain(line => line.EndsWith("/100", StringComparison.Ordinal)).And.HaveCountGreaterThan(5);
        lines[^1].Should().Be("100/100");
    }

    [Fact]
    public void Goes_on_when_nobody_reads_its_progress_any_more()
    {
        using var work = new Workspace();
        var source = work.RandomImage("source", 8 << 20, new Random(1), 30, 1 << 20);
        var (code, _, errors) = CopyProgram.Shell($"{{ \"$COPY\" {source} {work.Path("target")} --progress-fd 1; echo $? >{work.Path("code")}; }} | true");
        errors.Should().BeEmpty();
        (code, File.ReadAllText(work.Path("code"))).Should().Be((0, "0\n"));
    }

    [Theory]
    [InlineData("--request-size", "--request-size", "100k")]
    [InlineData("--request-size", "--request-size", "64M")]
    [InlineData("--connections", "--connections", "0")]
    [InlineData("--connections", "--connections", "two")]
    [InlineData("--depth", "--depth", "-1")]
    [InlineData("--bandwidth", "--bandwidth", "fast")]
    [InlineData("--bandwidth", "--bandwidth", "9999999999G")]
    [InlineData("--bandwidth", "--bandwidth")]
    [InlineData("vmdk", "--target-format", "vmdk")]
    [InlineData("--cluster-size", "--target-format", "qcow2", "--cluster-size", "96k")]
    [InlineData("--cluster-size", "--cluster-size", "64k")]
    [InlineData("--compressed", "--compressed")]
    [InlineData("--compressed", "--compressed", "--allocated", "--target-format", "qcow2")]
    [InlineData("--progress-fd", "--progress-fd", "99")]
    [InlineData("--events", "--events", "fd:1")]
    [InlineData("--no-flush and --verify", "--no-flush", "--verify")]
    [InlineData("--no-such-option", "--no-such-option")]
    [InlineData("'third' has no TARGET", "third")]
    [InlineData("'/nowhere/source'", "--work", "/nowhere")]
    public void Refuses_what_it_does_not_understand_by_name(string named, params string[] wrong)
    {
        var (code, _, errors) = CopyProgram.Copy(["/nowhere/source", "/nowhere/target", .. wrong]);
        code.Should().Be(ErrorCodes.Usage.ExitCode);
        errors.Should().StartWith("copy: error: ").And.Contain(named).And.Contain("what to do: See --help.").And.Contain("code: usage (exit 2, see docs/exit-codes.md)");
    }

    [Fact]
    public void Refuses_options_by_hand_together_with_a_work_directory()
    {
        var (code, _, errors) = CopyProgram.Copy("--work", "/nowhere", "--allocated");
        code.Should().Be(ErrorCodes.Usage.ExitCode);
        errors.Should().Contain("--allocated").And.Contain("job.json");
    }

    [Fact]
    public void Wants_to_know_what_to_copy()
    {
        var (code, _, errors) = CopyProgram.Copy();
        code.Should().Be(ErrorCodes.Usage.ExitCode);
        errors.Should().Contain("--work DIR");
    }

    [Fact]
    public void Does_not_copy_a_disk_onto_itself_under_another_name()
    {
        using var work = new Workspace();
        var source = work.RandomImage("source", 1 << 20, new Random(1), 9, 1 << 20);
        File.CreateSymbolicLink(work.Path("link"), source);
        var (code, _, errors) = CopyProgram.Copy(source, work.Path("link"));
        code.Should().Be(ErrorCodes.Usage.ExitCode);
        errors.Should().Contain("is a source and a target");
        new FileInfo(source).Length.Should().Be(1 << 20);
        CopyProgram.Copy(source, work.Path("new"), source, work.Path("./new")).Errors.Should().Contain("is the target of two disks");
        Directory.CreateSymbolicLink(work.Path("directory"), work.Path("."));
        File.CreateSymbolicLink(work.Path("dangling"), work.Path("new"));
        CopyProgram.Copy(source, work.Path("new"), source, work.Path("directory/new")).Errors.Should().Contain("is the target of two disks");
        CopyProgram.Copy(source, work.Path("new"), source, work.Path("dangling")).Errors.Should().Contain("is the target of two disks");
    }

    [Fact]
    public void Copies_one_source_to_two_targets_and_verifies_both()
    {
        using var work = new Workspace();
        var source = work.RandomImage("source", 1 << 20, new Random(1), 9, 1 << 20);
        var (code, output, errors) = CopyProgram.Copy(source, work.Path("one"), source, work.Path("two"), "--verify");
        code.Should().Be(0, errors);
        var digest = A_verified_copy.DigestOf(source);
        output.Split('\n').Should().BeEquivalentTo([$"{digest}  {work.Path("one")}", $"{digest}  {work.Path("two")}", ""]);
    }

    [Theory]
    [InlineData("nbds://host/disk", "TLS is not supported")]
    [InlineData("http://host/disk", "the scheme is not nbd")]
    public void Refuses_URIs_that_it_does_not_speak(string uri, string because)
    {
        using var work = new Workspace();
        var source = work.RandomImage("source", 1 << 20, new Random(1), 9, 1 << 20);
        foreach (var places in new[] { new[] { uri, work.Path("target") }, [source, uri] })
        {
            var (code, _, errors) = CopyProgram.Copy(places);
            code.Should().Be(ErrorCodes.Usage.ExitCode);
            errors.Should().Contain(uri).And.Contain(because);
        }
    }

    [Theory]
    [InlineData("/dev/zero")]
    [InlineData("pipe")]
    [InlineData(".")]
    public void Reads_no_source_that_is_no_disk(string name)
    {
        using var work = new Workspace();
        Workspace.Run("mkfifo", work.Path("pipe")).Should().Be(0);
        var place = Path.Combine(work.Path("."), name);
        MustFail(ErrorCodes.CopyRead, $"{place}: no file, no block device and no socket", place, work.Path("target"));
        File.Exists(work.Path("target")).Should().BeFalse();
    }

    [Theory]
    [InlineData("is a disk and a journal", "guest.0", "target", "guest.0", "guest")]
    [InlineData("is a disk and a journal", "source", "guest.0", "source", "guest")]
    [InlineData("is a disk and a journal", "source", "target", "source", "link")]
    [InlineData("is no journal of a copy", "source", "target", "other.0", "other")]
    public void Does_not_keep_its_journal_in_a_disk(string refusal, string from, string to, string precious, string journal)
    {
        using var work = new Workspace();
        var source = work.RandomImage(from, 1 << 20, new Random(1), 9, 1 << 20);
        if (precious != from) File.Copy(source, work.Path(precious));
        File.CreateSymbolicLink(work.Path("link.0"), source);
        var (code, _, errors) = CopyProgram.Copy(source, work.Path(to), "--journal", work.Path(journal));
        code.Should().Be(ErrorCodes.Usage.ExitCode);
        errors.Should().Contain(refusal).And.Contain("what to do: ");
        new FileInfo(work.Path(precious)).Length.Should().Be(1 << 20);
    }

    [Fact]
    public void Does_not_keep_two_journals_in_one_file()
    {
        using var work = new Workspace();
        var source = work.RandomImage("source", 1 << 20, new Random(1), 9, 1 << 20);
        File.WriteAllBytes(work.Path("journal.0"), []);
        File.CreateSymbolicLink(work.Path("journal.1"), work.Path("journal.0"));
        CopyProgram.Copy(source, work.Path("one"), source, work.Path("two"), "--journal", work.Path("journal")).Errors.Should().Contain("is the journal of two disks");
    }

    [Fact]
    public void Tells_each_kind_of_failure_by_its_exit_code_and_what_to_do()
    {
        using var work = new Workspace();
        var source = work.RandomImage("source", 1 << 20, new Random(1), 9, 1 << 20);
        MustFail(ErrorCodes.CopyRead, "/nowhere/source", "/nowhere/source", work.Path("target"));
        MustFail(ErrorCodes.CopyWrite, "/nowhere/target", source, "/nowhere/target");
        MustFail(ErrorCodes.CopyConnection, "nothing", $"nbd+unix:///?socket={work.Path("nothing")}", work.Path("target"));
        using var full = new NbdkitServer("--filter=error", "memory", "1M", "error=ENOSPC", "error-pwrite-rate=100%");
        MustFail(ErrorCodes.CopyNoSpace, "ENOSPC", source, full.Socket);
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task Ends_soon_after_a_signal_and_says_what_is_incomplete(string signal)
    {
        using var work = new Workspace();
        var source = work.RandomImage("source", 32 << 20, new Random(1), 200, 1 << 20);
        using var process = CopyProgram.StartCopy(source, work.Path("target"), "--bandwidth", "1M", "--progress-fd", "1");
        (await process.StandardOutput.ReadLineAsync()).Should().Be("0/100", "it is under way");
        Workspace.Run("kill", $"-{signal}", $"{process.Id}").Should().Be(0);
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        process.ExitCode.Should().Be(ErrorCodes.Interrupted.ExitCode);
        errors.Should().Contain("interrupted").And.Contain(work.Path("target")).And.Contain("what to do: Run again.");
    }

    private static void MustFail(ErrorCode expected, string named, params string[] arguments)
    {
        var (code, _, errors) = CopyProgram.Copy(arguments);
        code.Should().Be(expected.ExitCode, errors);
        errors.Should().StartWith("copy: error: ").And.Contain(named).And.Contain("  what to do: ").And.Contain($"code: {expected.Name} (exit {expected.ExitCode},");
    }
}
