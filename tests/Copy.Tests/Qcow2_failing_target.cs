using System.Diagnostics;
using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Copy.Qcow2;

namespace Hyper2Kvm.Copy.Tests;

/// <summary>An image that is not whole has no header.</summary>
public sealed class Qcow2_failing_target
{
    private const int Size = 32 << 20;
    private static readonly string Program = System.IO.Path.Combine(FindRoot(), "artifacts/hyper2kvm/libexec/copy");

    [Theory]
    [InlineData("")]
    [InlineData("--compressed")]
    [InlineData("--allocated")]
    public void On_a_full_file_system_says_so_and_leaves_no_image(string option)
    {
        using var work = new Workspace();
        var source = work.RandomImage("source", Size, new Random(1), 200, 1 << 20);
        Directory.CreateDirectory(work.Path("small"));
        var script = $"mount -t tmpfs -o size=8m none {work.Path("small")} && {Program} --target-format qcow2 {option} {source} {work.Path("small")}/target 2>&1; echo code $?; head -c 4 {work.Path("small")}/target | od -An -tx1";

        var output = Output("unshare", "-m", "sh", "-c", script);

        output.Should().Contain("No space left on device").And.Contain("Free space on the target").And.Contain("code 68");
        output.Should().NotContain("51 46 49 fb");
    }

    [Theory]
    [InlineData("")]
    [InlineData("--compressed")]
    public void That_was_killed_in_the_middle_has_no_header(string option)
    {
        using var work = new Workspace();
        var source = work.RandomImage("source", Size, new Random(1), 200, 1 << 20);
        string[] arguments = ["--target-format", "qcow2", "--bandwidth", $"{Size}", "--request-size", "65536", "--progress-fd", "1", source, work.Path("target")];
        var start = new ProcessStartInfo(Program, option.Length > 0 ? [option, .. arguments] : arguments) { RedirectStandardOutput = true };
        using var copy = Process.Start(start)!;
        while (copy.StandardOutput.ReadLine() is { } line && int.Parse(line.Split('/')[0]) < 30)
        {
            // The bandwidth makes it last a second.
        }

        copy.Kill();
        copy.WaitForExit();

        copy.ExitCode.Should().Be(128 + 9);
        new FileInfo(work.Path("target")).Length.Should().BePositive("data was written");
        First(work.Path("target"), 512).Should().OnlyContain(value => value == 0);
        Workspace.Run("qemu-img", "check", "-f", "qcow2", work.Path("target")).Should().NotBe(0);
    }

    [Fact]
    public void Whose_source_fails_has_no_header()
    {
        using var work = new Workspace();
        var source = work.RandomImage("source", Size, new Random(1), 60, 1 << 20);
        using var input = new NbdkitServer("--filter=error", "file", source, "error=EIO", "error-pread-rate=20%");
        var copy = () => A_copy.Copy(Workspace.At(input), CopyEndpoint.File(work.Path("target")), Qcow2Files.Settings() with { Attempts = 1 });

        copy.Should().Throw<CopyException>().Which.Kind.Should().Be(CopyErrorKind.SourceRead);
        First(work.Path("target"), 512).Should().OnlyContain(value => value == 0);
    }

    [Fact]
    public void That_is_a_block_device_is_refused()
    {
        using var work = new Workspace();
        var source = work.EmptyImage("source", 1 << 20);
        Workspace.Run("mknod", work.Path("device"), "b", "7", "250").Should().Be(0);
        var copy = () => A_copy.Copy(CopyEndpoint.File(source), CopyEndpoint.File(work.Path("device")), Qcow2Files.Settings());

        copy.Should().Throw<CopyException>().WithMessage("*block device*").Which.Kind.Should().Be(CopyErrorKind.TargetOpen);
    }

    [Fact]
    public void With_clusters_too_small_for_the_disk_is_refused()
    {
        using var work = new Workspace();
        var longest = new Qcow2Options { ClusterBytes = 512 }.LongestDisk;
        longest.Should().Be(128L << 30, "that is what qemu-img create takes, too");
        Workspace.Run("qemu-img", "create", "-q", "-f", "qcow2", "-o", "cluster_size=512", work.Path("theirs"), $"{longest}").Should().Be(0);
        Workspace.Run("qemu-img", "create", "-q", "-f", "qcow2", "-o", "cluster_size=512", work.Path("theirs"), $"{longest + 512}").Should().NotBe(0);
        var open = () => new Qcow2TargetDisk(work.Path("target"), Qcow2Files.Settings(512), (ulong)longest + 512);

        open.Should().Throw<FileSystemErrorException>().WithMessage("*512 bytes*");
    }

    [Theory]
    [InlineData("--target-format", "vmdk")]
    [InlineData("--cluster-size", "64k")]
    [InlineData("--compressed", "--no-direct")]
    [InlineData("--target-format", "qcow2", "--cluster-size", "1000")]
    [InlineData("--target-format", "qcow2", "--compressed", "--allocated")]
    public void That_makes_no_sense_is_a_usage_error(params string[] options) => CommandLine.CopyCommand.Run([.. options, "/nonexistent", "/nonexistent"]).Should().Be(2);

    private static byte[] First(string path, int count)
    {
        using var file = File.OpenHandle(path);
        var bytes = new byte[count];
        RandomAccess.Read(file, bytes, 0);
        return bytes;
    }

    private static string Output(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        return process.StandardOutput.ReadToEnd();
    }

    private static string FindRoot()
    {
        var directory = AppContext.BaseDirectory;
        while (!File.Exists(System.IO.Path.Combine(directory, "Hyper2Kvm.sln"))) directory = System.IO.Path.GetDirectoryName(directory)!;
        return directory;
    }
}
