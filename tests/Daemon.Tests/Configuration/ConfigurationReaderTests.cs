using System.Reflection;
using System.Text.Json;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Daemon.Configuration;

namespace Hyper2Kvm.Daemon.Tests.Configuration;

public sealed class ConfigurationReaderTests : IDisposable
{
    private const string Ground = "watch_dir: /in\noutput_dir: /out\n";

    private static readonly Dictionary<string, (string Yaml, Func<DaemonConfiguration, object?> Value, object? Expected)> Keys = new(StringComparer.Ordinal)
    {
        ["watch_dir"] = ("watch_dir: /a\noutput_dir: /out", read => read.WatchDir, "/a"),
        ["output_dir"] = ("watch_dir: /in\noutput_dir: /b", read => read.OutputDir, "/b"),
        ["workdir"] = (Ground + "workdir: /w", read => read.WorkDirectory, "/w"),
        ["max_concurrent_jobs"] = (Ground + "max_concurrent_jobs: 5", read => read.MaxConcurrentJobs, 5),
        ["max_concurrent_copies"] = (Ground + "max_concurrent_copies: 2", read => read.MaxConcurrentCopies, 2),
        ["file_stable_timeout"] = (Ground + "file_stable_timeout: 45", read => read.FileStableTimeout, TimeSpan.FromSeconds(45)),
        ["poll"] = (Ground + "poll: always", read => read.Poll, "always"),
        ["poll_interval"] = (Ground + "poll_interval: 2.5", read => read.PollInterval, TimeSpan.FromSeconds(2.5)),
        ["enable_deduplication"] = (Ground + "enable_deduplication: false", read => read.EnableDeduplication, false),
        ["deduplication_use_md5"] = (Ground + "deduplication_use_md5: true", read => read.DeduplicationUseMd5, true),
        ["archive_processed"] = (Ground + "archive_processed: false", read => read.ArchiveProcessed, false),
        ["retry_policy.enabled"] = (Ground + "retry_policy: {enabled: false}", read => read.RetryPolicy.Enabled, false),
        ["retry_policy.max_retries"] = (Ground + "retry_policy: {max_retries: 7}", read => read.RetryPolicy.MaxRetries, 7),
        ["retry_policy.retry_delay"] = (Ground + "retry_policy: {retry_delay: 60}", read => read.RetryPolicy.RetryDelay, TimeSpan.FromMinutes(1)),
        ["retry_policy.backoff_multiplier"] = (Ground + "retry_policy: {backoff_multiplier: 1.5}", read => read.RetryPolicy.BackoffMultiplier, 1.5),
        ["notifications.enabled"] = (Ground + "notifications: {enabled: true, webhook_url: 'http://h/'}", read => read.Notifications.Enabled, true),
        ["notifications.on_success"] = (Ground + "notifications: {on_success: true}", read => read.Notifications.OnSuccess, true),
        ["notifications.on_failure"] = (Ground + "notifications: {on_failure: false}", read => read.Notifications.OnFailure, false),
        ["notifications.on_stalled"] = (Ground + "notifications: {on_stalled: false}", read => read.Notifications.OnStalled, false),
        ["notifications.webhook_url"] = (Ground + "notifications: {webhook_url: 'env:HOOK'}", read => read.Notifications.WebhookUrl, "env:HOOK"),
        ["notifications.webhook_type"] = (Ground + "notifications: {webhook_type: slack}", read => read.Notifications.WebhookType, "slack"),
        ["notifications.email_enabled"] = (Ground + "notifications: {email_enabled: true, email_smtp_host: h, email_from: a@b, email_to: c@d}", read => read.Notifications.EmailEnabled, true),
        ["notifications.email_smtp_host"] = (Ground + "notifications: {email_smtp_host: mail}", read => read.Notifications.EmailSmtpHost, "mail"),
        ["notifications.email_smtp_port"] = (Ground + "notifications: {email_smtp_port: 465}", read => read.Notifications.EmailSmtpPort, 465),
        ["notifications.email_tls"] = (Ground + "notifications: {email_tls: tls}", read => read.Notifications.EmailTls, "tls"),
        ["notifications.email_from"] = (Ground + "notifications: {email_from: a@b}", read => read.Notifications.EmailFrom, "a@b"),
        ["notifications.email_to"] = (Ground + "notifications: {email_to: [a@b, c@d]}", read => string.Join(' ', read.Notifications.EmailTo), "a@b c@d"),
        ["notifications.email_username"] = (Ground + "notifications: {email_username: u, email_password: 'env:P'}", read => read.Notifications.EmailUsername, "u"),
        ["notifications.email_password"] = (Ground + "notifications: {email_password: 'file:/p'}", read => read.Notifications.EmailPassword, "file:/p"),
        ["control.group"] = (Ground + "control: {group: adm}", read => read.Control.Group, "adm"),
        ["control.http"] = (Ground + "control: {http: false}", read => read.Control.Http, false),
        ["control.http_listen"] = (Ground + "control: {http_listen: '127.0.0.1:1', http_token: 'env:T'}", read => read.Control.HttpListen, "127.0.0.1:1"),
        ["control.http_token"] = (Ground + "control: {http_token: 'env:T'}", read => read.Control.HttpToken, "env:T"),
        ["job_limits.memory_max"] = (Ground + "job_limits: {memory_max: 2G}", read => read.JobLimits.MemoryMax, 2L << 30),
        ["job_limits.cpu_quota"] = (Ground + "job_limits: {cpu_quota: 150}", read => read.JobLimits.CpuQuota, 150),
        ["job_limits.tasks_max"] = (Ground + "job_limits: {tasks_max: 99}", read => read.JobLimits.TasksMax, 99),
        ["job_limits.timeout"] = (Ground + "job_limits: {timeout: 3600}", read => read.JobLimits.Timeout, TimeSpan.FromHours(1)),
        ["job"] = (Ground + "job:\n  output:\n    type: libvirt\n    options: {a: b}\n  copy: {verify: true}", read => $"{read.Job!.Output.Type} {read.Job.Output.Options.GetValueOrDefault("a")} {read.Job.Copy.Verify}", "libvirt b True"),
    };

    private readonly TemporaryDirectory _scratch = new();

    public static TheoryData<string> AllKeys => new(Keys.Keys);

    private string ConfigurationFile => Path.Combine(_scratch.Path, "daemon.yaml");

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [MemberData(nameof(AllKeys))]
    public void Every_key_is_read(string key)
    {
        var (yaml, value, expected) = Keys[key];

        value(Read(yaml)).Should().Be(expected);
        if (key is not ("watch_dir" or "output_dir"))
        {
            value(Read(Ground)).Should().NotBe(expected, "the test must see the key");
        }
    }

    [Fact]
    public void Every_setting_is_in_the_table()
        => Names(typeof(DaemonConfiguration), string.Empty).Should().BeEquivalentTo(Keys.Keys);

    [Fact]
    public void The_example_has_every_key_and_is_good()
    {
        var path = Path.Combine(RepositoryRoot.Path, "docs/examples/daemon.yaml");

        var act = () => ConfigurationReader.Read(path);

        act.Should().NotThrow();
        var text = File.ReadAllText(path);
        foreach (var key in Keys.Keys)
        {
            text.Should().MatchRegex($@"(?m)^ *{key.Split('.')[^1]}:", $"the example has to show '{key}'");
        }
    }

    [Fact]
    public void What_the_example_calls_defaults_are_the_defaults()
    {
        var (example, none) = (ConfigurationReader.Read(Path.Combine(RepositoryRoot.Path, "docs/examples/daemon.yaml")), Read(Ground));

        example.RetryPolicy.Should().Be(none.RetryPolicy);
        (example with { WatchDir = none.WatchDir, OutputDir = none.OutputDir, Workdir = null, Notifications = none.Notifications, Control = none.Control, JobLimits = none.JobLimits, Job = null })
            .Should().Be(none with { Job = null });
    }

    [Theory]
    [InlineData("max_concurent_jobs: 3", "line 3: there is no key 'max_concurent_jobs'", "Is 'max_concurrent_jobs' meant?")]
    [InlineData("retry_policy:\n  enabled: true\n  delay: 3", "line 5: there is no key 'retry_policy.delay'", "retry_delay")]
    [InlineData("max_concurrent_jobs: many", "line 3: 'max_concurrent_jobs' is 'many'", "")]
    [InlineData("max_concurrent_jobs: 0", "line 3: 'max_concurrent_jobs' is '0'; it can be a whole number from 1 to", "")]
    [InlineData("max_concurrent_jobs: [3]", "line 3: 'max_concurrent_jobs' is not a text", "")]
    [InlineData("retry_policy: 5", "line 3: 'retry_policy' is not a mapping", "")]
    [InlineData("archive_processed: maybe", "line 3: 'archive_processed' is 'maybe'; it can be true or false", "")]
    [InlineData("notifications: {webhook_type: irc}", "'notifications.webhook_type' is 'irc'", "")]
    [InlineData("job_limits: {memory_max: lots}", "'job_limits.memory_max' is 'lots'", "")]
    [InlineData("job:\n  output:\n    typ: local", "line 5: job.output.typ", "docs/schema/job.json")]
    [InlineData("job: {id: x}", "'id' is the daemon's to say", "")]
    [InlineData("notifications: {email_password: hunter2}", "'notifications.email_password' holds a secret itself", "file:PATH")]
    [InlineData("control: {http_listen: '127.0.0.1:1'}", "'control.http_listen' needs http_token", "")]
    [InlineData("workdir: \"unclosed", "line 3", "spaces")]
    [InlineData("watch_dir: /again", "line 3", "")]
    public void A_wrong_key_is_told_with_its_line_and_remedy(string yaml, string message, string hint)
    {
        var act = () => Read(Ground + yaml);

        var told = act.Should().Throw<StepException>().Which;
        told.Code.Should().Be(ErrorCodes.Configuration);
        told.Message.Should().Contain(message).And.Contain(ConfigurationFile);
        told.Message.Should().NotContain("hunter2");
        (told.Hint ?? string.Empty).Contains(hint, StringComparison.Ordinal).Should().BeTrue(told.Hint);
    }

    [Theory]
    [InlineData("watch_dir: /in\noutput_dir: /in/out", "lies in 'watch_dir'")]
    [InlineData("watch_dir: /in\noutput_dir: /in", "lies in 'watch_dir'")]
    [InlineData("watch_dir: /out/.daemon/x\noutput_dir: /out", "the daemon's own folder")]
    [InlineData("output_dir: /out", "'watch_dir' is missing")]
    [InlineData("- a\n- b", "not one mapping")]
    [InlineData("", "not one mapping")]
    public void What_cannot_work_is_refused(string yaml, string message)
    {
        var act = () => Read(yaml);

        act.Should().Throw<StepException>().Which.Message.Should().Contain(message);
    }

    [Fact]
    public void Relative_folders_count_from_the_file()
        => Read("watch_dir: in\noutput_dir: ../out").WatchDir.Should().Be(Path.Combine(_scratch.Path, "in"));

    [Fact]
    public void A_side_file_is_laid_over_the_common_job()
    {
        var common = Read(Ground + "job:\n  output: {type: libvirt, storage: pool, options: {a: x, b: y}}\n  copy: {verify: true}").Job!;
        var side = Path.Combine(_scratch.Path, "web.job.yaml");
        File.WriteAllText(side, "name: web1\noutput:\n  storage: fast\n  options: {b: z}\n");

        var job = JobTemplate.ReadSideFile(side, common);

        (job.Name, job.Output.Type, job.Output.Storage, job.Copy.Verify).Should().Be(("web1", "libvirt", "fast", true));
        job.Output.Options.Should().BeEquivalentTo(new Dictionary<string, string> { ["a"] = "x", ["b"] = "z" });
    }

    [Fact]
    public void Reading_again_tells_what_holds_at_once_and_what_at_the_next_start()
    {
        var (old, read) = (Read(Ground), Read("watch_dir: /other\noutput_dir: /out\nmax_concurrent_jobs: 2\nnotifications: {email_to: [a@b]}\n"));

        var (applied, restart) = ConfigurationChange.Between(old, read);

        applied.Should().BeEquivalentTo("max_concurrent_jobs", "notifications");
        restart.Should().BeEquivalentTo("watch_dir");
        var holds = ConfigurationChange.Apply(old, read);
        (holds.WatchDir, holds.MaxConcurrentJobs).Should().Be(("/in", 2));
        ConfigurationChange.Between(old, Read(Ground)).Applied.Should().BeEmpty();
    }

    private static IEnumerable<string> Names(Type type, string prefix)
        => type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(property => property.CanWrite).SelectMany(property =>
        {
            var name = prefix + JsonNamingPolicy.SnakeCaseLower.ConvertName(property.Name);
            return property.PropertyType.Namespace == typeof(DaemonConfiguration).Namespace ? Names(property.PropertyType, $"{name}.") : [name];
        });

    private DaemonConfiguration Read(string yaml)
    {
        File.WriteAllText(ConfigurationFile, yaml);
        return ConfigurationReader.Read(ConfigurationFile);
    }
}
