using System.Text.Json;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Events;
using Hyper2Kvm.Daemon.Jobs;
using Hyper2Kvm.Daemon.Outcome.Errors;

namespace Hyper2Kvm.Daemon.Tests.Outcome.Errors;

public sealed class ErrorContextWriterTests : IDisposable
{
    private static readonly ErrorContextWriter Writer = new(new HostFacts());

    private readonly TemporaryDirectory _directory = new();

    private string Entry => _directory.File(".errors/web01.vmdk");

    public static TheoryData<string> AllFailures => new(ErrorCodes.All.Select(code => code.Name));

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_failure_is_told_with_its_step_code_remedy_host_log_and_events()
    {
        Log("copy", "2026-03-01T11:59:00.000+00:00 INF copy of hyper2kvm 0.1.0: copy --work /w", "2026-03-01T12:00:00.000+00:00 ERR copy.no-space: full ()", "System.IO.IOException: No space left", "   at Copy.Disk()");
        Event("copy", EventType.Started);
        Event("convert", EventType.Finished);
        Event("copy", EventType.Progress, done: 1);
        Event("copy", EventType.Progress, done: 2);
        Event("copy", EventType.Error);

        var seen = Write(Outcomes.Failed(ErrorCodes.CopyNoSpace, Outcomes.Source("/watch/web01.vmdk", bytes: 3 << 19), message: "/out/web01-sda: 0 bytes are free", retries: 3));

        seen.GetProperty("filename").GetString().Should().Be("web01.vmdk");
        seen.GetProperty("filepath").GetString().Should().Be("/watch/web01.vmdk");
        seen.GetProperty("file_size_mb").GetDouble().Should().Be(1.5);
        seen.GetProperty("timestamp").GetString().Should().Be("2026-03-01T12:00:00+00:00");
        seen.GetProperty("error").GetString().Should().Be("/out/web01-sda: 0 bytes are free");
        seen.GetProperty("error_code").GetString().Should().Be("copy.no-space");
        seen.GetProperty("phase").GetString().Should().Be("copy (exit 68)");
        seen.GetProperty("retry_count").GetInt32().Should().Be(3);
        seen.GetProperty("exception_traceback").GetString().Should().Be("System.IO.IOException: No space left\n   at Copy.Disk()");
        seen.GetProperty("suggestion").GetString().Should().Be(ErrorCodes.CopyNoSpace.Remedy);
        seen.GetProperty("log_lines").GetArrayLength().Should().Be(4);
        seen.GetProperty("events").EnumerateArray().Select(what => what.GetProperty("type").GetString()).Should().Equal("started", "progress", "error");
        seen.GetProperty("events")[1].GetProperty("done").GetInt64().Should().Be(2);
    }

    [Fact]
    public void The_host_is_described()
    {
        var host = Write(Outcomes.Failed(ErrorCodes.CopyNoSpace) with { OutputPath = _directory.File("not/there/yet") }).GetProperty("system_info");

        host.GetProperty("hyper2kvm_version").GetString().Should().MatchRegex(@"^\d+\.\d+\.\d+$");
        host.GetProperty("dotnet_version").GetString().Should().Be(Environment.Version.ToString());
        host.GetProperty("kernel").GetString().Should().NotBeEmpty();
        host.GetProperty("nbdkit_version").GetString().Should().StartWith("nbdkit 1.");
        host.GetProperty("qemu_version").GetString().Should().StartWith("qemu-img version");
        foreach (var place in new[] { "source_free_gb", "work_free_gb", "output_free_gb" })
        {
            host.GetProperty(place).GetDouble().Should().BeGreaterThan(0, place);
        }
    }

    [Theory]
    [MemberData(nameof(AllFailures))]
    public void Every_failure_has_a_suggestion_that_hangs_on_its_code_and_not_on_its_words(string name)
    {
        var code = ErrorCodes.All.Single(code => code.Name == name);

        var suggestion = ErrorContextWriter.Suggestion(Outcomes.Failed(code, message: "disk full, permission denied, corrupt, network timeout, out of memory"));

        suggestion.Should().Be(code.Remedy).And.NotBeNullOrWhiteSpace();
        ErrorContextWriter.Suggestion(Outcomes.Died(code.ExitCode)).Should().Be(code.Remedy, "its exit code tells as much");
        ErrorContextWriter.Suggestion(Outcomes.Failed(code, hint: "Do this.")).Should().Be("Do this.", "what knows the object knows better");
    }

    [Fact]
    public void A_conversion_that_the_kernel_killed_says_so_and_names_memory()
    {
        var seen = Write(Outcomes.Died(137));

        seen.GetProperty("error").GetString().Should().Be("hyper2kvm convert was killed by signal 9");
        seen.GetProperty("suggestion").GetString().Should().Contain("memory");
        seen.GetProperty("exception_traceback").ValueKind.Should().Be(JsonValueKind.Null);
    }

    [Fact]
    public void The_newest_bears_the_plain_name_and_no_earlier_one_is_lost()
    {
        foreach (var code in new[] { ErrorCodes.InputCorrupt, ErrorCodes.CopyRead, ErrorCodes.CopyWrite })
        {
            Write(Outcomes.Failed(code));
        }

        Directory.GetFiles(_directory.File(".errors")).Order().Select(file => $"{Path.GetFileName(file)} {Read(file).GetProperty("error_code")}")
            .Should().Equal("web01.vmdk.error-1.json input.corrupt", "web01.vmdk.error-2.json copy.read", "web01.vmdk.error.json copy.write");
    }

    [Fact]
    public void Long_logs_and_streams_are_bounded()
    {
        Log("copy", [.. Enumerable.Range(0, 60_000).Select(line => $"2026-03-01T12:00:00.000+00:00 INF line {line} {new string('x', 40)}"), new string('y', 100_000)]);
        for (var i = 0; i < 300; i++)
        {
            Event("copy", EventType.Warning);
        }

        var seen = Write(Outcomes.Failed(ErrorCodes.CopyRead));

        seen.GetProperty("log_lines").GetArrayLength().Should().Be(50);
        seen.GetProperty("log_lines")[48].GetString().Should().Contain("line 59999");
        seen.GetProperty("events").GetArrayLength().Should().Be(100);
        new FileInfo($"{Entry}.error.json").Length.Should().BeLessThan(64 << 10);
    }

    [Fact]
    public void No_secret_is_in_it()
    {
        Log("convert", "2026-03-01T12:00:00.000+00:00 ERR convert.key: convert --key /dev/sda2:key:open sesame now", "   at http://user:hunter2@proxy/ all:key:open sesame");
        Event("convert", EventType.Error, message: "all:key:open sesame");

        Write(Outcomes.Failed(ErrorCodes.ConvertKey, step: "convert", message: "--key all:key:open sesame opens nothing"));

        File.ReadAllText($"{Entry}.error.json").Should().Contain("/dev/sda2:key:…").And.NotContain("sesame").And.NotContain("hunter2");
    }

    private JsonElement Write(JobOutcome outcome) => Read(Writer.Write(outcome with { WorkDirectory = _directory.Path }, Entry));

    private static JsonElement Read(string path) => JsonDocument.Parse(File.ReadAllBytes(path)).RootElement;

    private void Log(string step, params string[] lines)
    {
        Directory.CreateDirectory(_directory.File("logs"));
        File.WriteAllLines(_directory.File($"logs/{step}.log"), lines);
    }

    private void Event(string step, EventType type, long? done = null, string? message = null)
        => File.AppendAllText(_directory.File("events.ndjson"), System.Text.Encoding.UTF8.GetString(new StepEvent { Step = step, Type = type, Done = done, Message = message }.ToUtf8()) + "\n");
}
