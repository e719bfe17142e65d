using System.Security.Cryptography;
using System.Text.Json;
using Hyper2Kvm.Core.Processes;
using Hyper2Kvm.EndToEnd.Support;

namespace Hyper2Kvm.EndToEnd;

/// <summary>The daemon over a real watch folder, with real guests and the real programs.</summary>
[Trait("speed", "slow")]
public sealed class DaemonRuns : IDisposable
{
    private const string Settings = "max_concurrent_jobs: 3\nfile_stable_timeout: 10\njob:\n  output: {type: local, format: qcow2}\n";

    private static readonly (string Extension, string Format)[] Types = [("raw", "raw"), ("vmdk", "vmdk"), ("vhdx", "vhdx"), ("vdi", "vdi"), ("qcow2", "qcow2")];

    private readonly Scratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public async Task Twelve_guests_while_it_is_paused_asked_killed_and_started_again()
    {
        using var daemon = new DaemonProcess(_scratch, Settings);
        daemon.Start();
        var good = Types.SelectMany(type => new[] { $"one-{type.Extension}", $"two-{type.Extension}" }).ToList();

        // One grows for 40 seconds, from the beginning to the end of the test; its writer pauses and goes on.
        var growing = GrowAsync(Path.Combine(daemon.Watch, "one-raw.raw"), TimeSpan.FromSeconds(40));
        foreach (var name in good.Where(name => name != "one-raw").Take(5))
        {
            Drop(daemon, name);
        }

        Damage(daemon, "cut.vmdk");
        File.WriteAllText(Path.Combine(daemon.Watch, "text.vhdx"), new string('x', 100_000));

        daemon.Ctl("pause").OutputText.Should().Contain("paused");
        daemon.Until("a paused daemon lets running jobs end", () => daemon.Ask("status").GetProperty("running").GetInt32() == 0);
        daemon.Ask("stats").GetProperty("stats").GetProperty("current_queue_depth").GetInt32().Should().BeGreaterThanOrEqualTo(0);
        daemon.Ctl("resume").Succeeded.Should().BeTrue();

        daemon.Until("a job runs", () => daemon.Ask("status").GetProperty("running").GetInt32() > 0);
        daemon.KillHard();
        foreach (var name in good.Where(name => name != "one-raw").Skip(5))
        {
            Drop(daemon, name);
        }

        daemon.Start();
        await growing;
        daemon.Until("all have ended", () => daemon.Jobs() is var jobs && jobs["succeeded"].Count() + jobs["failed"].Count() == good.Count + 2);
        daemon.Until("all files are put away", () => !Directory.EnumerateFiles(daemon.Watch).Any());

        var ended = daemon.Jobs();
        ended["succeeded"].Should().BeEquivalentTo(good, "each is converted, and once");
        ended["failed"].Should().BeEquivalentTo("cut", "text");
        var places = Directory.EnumerateDirectories(daemon.Output, "20*").SelectMany(Directory.EnumerateDirectories).ToList();
        places.Select(Path.GetFileName).Should().BeEquivalentTo(good, "nothing is converted twice, and nothing half made stays");
        places.Should().OnlyContain(place => Directory.EnumerateFiles(place).Select(Path.GetFileName).Order().SequenceEqual(
            new[] { $"{Path.GetFileName(place)}-sda", $"{Path.GetFileName(place)}.xml" }.Order()));
        var archived = Directory.EnumerateDirectories(Path.Combine(daemon.Watch, ".processed")).SelectMany(Directory.EnumerateFiles).ToList();
        archived.Select(Path.GetFileNameWithoutExtension).Should().BeEquivalentTo(good);
        Digest(archived.Single(file => file.EndsWith("one-raw.raw", StringComparison.Ordinal))).Should().Be(Digest(Small()), "a growing file is taken whole, and a source is never written");
        Error(daemon, "cut.vmdk").Should().Be(("input-vmdk", "input.truncated", true));
        Error(daemon, "text.vhdx").Should().Be(("input-vhdx", "input.format", true));

        daemon.Ctl("drain").Succeeded.Should().BeTrue();
        daemon.WaitForExit().Should().Be(0);
        Directory.EnumerateFileSystemEntries(Path.Combine(daemon.Output, ".daemon/work")).Should().BeEmpty();
        _scratch.AssertNothingLeft();
    }

    [Fact]
    public void Stopped_in_the_middle_it_takes_the_job_up_again()
    {
        using var daemon = new DaemonProcess(_scratch, Settings);
        daemon.Start();
        Drop(daemon, "one-vdi");
        daemon.Until("it runs", () => daemon.Jobs()["running"].Any());

        daemon.Ctl("stop").Succeeded.Should().BeTrue();
        daemon.WaitForExit().Should().Be(0);
        Directory.EnumerateDirectories(daemon.Output, "20*").Should().BeEmpty("what was half made is taken back");
        File.Exists(Path.Combine(daemon.Watch, "one-vdi.vdi")).Should().BeTrue();
        daemon.Start();

        daemon.Until("it is ready, and its file put away", () => daemon.Jobs()["succeeded"].Contains("one-vdi") && !File.Exists(Path.Combine(daemon.Watch, "one-vdi.vdi")));
        DropAgain(daemon, "one-vdi.vdi");
        daemon.Until("the same guest again is passed over", () => daemon.Jobs()["skipped"].Contains("one-vdi"));
    }

    [Fact]
    public void What_can_pass_is_tried_again_and_comes_back_from_errors()
    {
        using var daemon = new DaemonProcess(_scratch, Settings + "job_limits: {timeout: 0.2}\nretry_policy: {max_retries: 1, retry_delay: 3}\n");
        daemon.Start();
        Drop(daemon, "one-vdi");

        daemon.Until("it rests", () => File.Exists(Path.Combine(daemon.Watch, ".errors/one-vdi.vdi")));
        daemon.Jobs()["retrying"].Should().Equal("one-vdi");
        daemon.Until("the last retry is over", () => daemon.Jobs()["failed"].Any());

        daemon.Until("it rests for good", () => File.Exists(Path.Combine(daemon.Watch, ".errors/one-vdi.vdi")));
        Error(daemon, "one-vdi.vdi").Code.Should().Be("daemon.job-timeout");
        daemon.Ask("stats").GetProperty("stats").GetProperty("total_retried").GetInt32().Should().Be(1);
    }

    private static string Small()
    {
        var result = CommandRunner.Run(new Command(Path.Combine(Product.Root, "tests/Fixtures/small")));
        result.ExitCode.Should().Be(0, result.ErrorText);
        return Path.Combine(result.OutputText.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1], "disk0.raw");
    }

    /// <summary>Puts a guest in as people do: under another name, then renamed.</summary>
    private static void Drop(DaemonProcess daemon, string name)
    {
        var (extension, format) = Types.Single(type => name.EndsWith($"-{type.Extension}", StringComparison.Ordinal));
        var upload = Path.Combine(daemon.Watch, $".{name}.part");
        CommandRunner.Run(new Command("qemu-img", "convert", "-O", format, Small(), upload)).Succeeded.Should().BeTrue();
        File.Move(upload, Path.Combine(daemon.Watch, $"{name}.{extension}"));
    }

    /// <summary>The same bytes once more, as somebody does who is not sure whether he did.</summary>
    private static void DropAgain(DaemonProcess daemon, string file)
    {
        var upload = Path.Combine(daemon.Watch, $".{file}.part");
        File.Copy(Directory.EnumerateFiles(Path.Combine(daemon.Watch, ".processed"), file, SearchOption.AllDirectories).Single(), upload);
        File.Move(upload, Path.Combine(daemon.Watch, file));
    }

    private static void Damage(DaemonProcess daemon, string name)
    {
        var upload = Path.Combine(daemon.Watch, $".{name}.part");
        CommandRunner.Run(new Command("qemu-img", "convert", "-O", "vmdk", Small(), upload)).Succeeded.Should().BeTrue();
        using (var file = new FileStream(upload, FileMode.Open))
        {
            file.SetLength(file.Length / 2);
        }

        File.Move(upload, Path.Combine(daemon.Watch, name));
    }

    private static async Task GrowAsync(string path, TimeSpan time)
    {
        const int Pieces = 40;
        var content = await File.ReadAllBytesAsync(Small());
        using var pace = new PeriodicTimer(time / Pieces);
        await using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
        for (var piece = 0; piece < Pieces; piece++)
        {
            var (from, to) = (content.Length / Pieces * piece, piece == Pieces - 1 ? content.Length : content.Length / Pieces * (piece + 1));
            await file.WriteAsync(content.AsMemory(from, to - from));
            await file.FlushAsync();
            await pace.WaitForNextTickAsync();
        }
    }

    private static (string Step, string Code, bool HasSuggestion) Error(DaemonProcess daemon, string name)
    {
        var told = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(daemon.Watch, $".errors/{name}.error.json"))).RootElement;
        return (told.GetProperty("step").GetString()!, told.GetProperty("error_code").GetString()!, told.GetProperty("suggestion").GetString()!.Length > 0);
    }

    private static string Digest(string path)
    {
        using var file = File.OpenRead(path);
        return System.Convert.ToHexString(SHA256.HashData(file));
    }
}
