using Hyper2Kvm.Core.Errors;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Hyper2Kvm.Daemon.Configuration;

/// <summary>Reads <c>daemon.yaml</c>: all of it or nothing.</summary>
internal static class ConfigurationReader
{
    private const long LargestBytes = 1024 * 1024;
    private const int MostJobs = 64;
    private const double Day = 86_400;

    /// <summary>Reads a configuration.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="StepException">It is missing, not YAML, or a key is wrong or unknown (<see cref="ErrorCodes.Configuration"/>): with file, line and key.</exception>
    public static DaemonConfiguration Read(string path)
    {
        var root = new YamlSection(path, Parse(path));
        if (root.Text("command") is { } command && command != "daemon")
        {
            throw new StepException(ErrorCodes.Configuration, $"{path}: 'command' is '{command}'", "A configuration of the daemon says command: daemon, or leaves it out.");
        }

        var configuration = new DaemonConfiguration
        {
            WatchDir = Folder(path, root.Required("watch_dir")),
            OutputDir = Folder(path, root.Required("output_dir")),
            Workdir = root.Text("workdir") is { } work ? Folder(path, work) : null,
            MaxConcurrentJobs = root.Number("max_concurrent_jobs", 3, 1, MostJobs),
            MaxConcurrentCopies = root.Number("max_concurrent_copies", 0, 0, 1024),
            FileStableTimeout = root.Seconds("file_stable_timeout", TimeSpan.FromSeconds(30), 1, Day),
            Poll = root.OneOf("poll", "auto", "auto", "always", "never"),
            PollInterval = root.Seconds("poll_interval", TimeSpan.FromSeconds(10), 0.1, Day),
            EnableDeduplication = root.Flag("enable_deduplication", true),
            DeduplicationUseMd5 = root.Flag("deduplication_use_md5", false),
            ArchiveProcessed = root.Flag("archive_processed", true),
            RetryPolicy = Retry(root.Section("retry_policy")),
            Notifications = Notifications(root.Section("notifications")),
            Control = Control(root.Section("control")),
            JobLimits = Limits(root.Section("job_limits")),
            Job = JobTemplate.Read(path, root.Find("job")),
        };
        root.RefuseOthers();
        Check(path, configuration);
        return configuration;
    }

    private static YamlMappingNode Parse(string path)
    {
        try
        {
            if (new FileInfo(path) is { Exists: true, Length: > LargestBytes })
            {
                throw new StepException(ErrorCodes.Configuration, $"{path} has more than {LargestBytes} bytes: that is no configuration");
            }

            using var reader = new StreamReader(path);
            var stream = new YamlStream();
            stream.Load(reader);
            return stream.Documents switch
            {
                [{ RootNode: YamlMappingNode mapping }] => mapping,
                _ => throw new StepException(ErrorCodes.Configuration, $"{path} is not one mapping of keys", "See docs/examples/daemon.yaml."),
            };
        }
        catch (YamlException broken)
        {
            throw new StepException(ErrorCodes.Configuration, $"{path}, line {broken.Start.Line}: {broken.Message}", "Mind the spaces at the start of lines; see docs/examples/daemon.yaml.", broken);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new StepException(ErrorCodes.Configuration, $"the configuration {path} cannot be read: {unreadable.Message}", "Name it with --config FILE.", unreadable);
        }
    }

    /// <summary>Relative to the configuration, so that a daemon means the same folders wherever it is started.</summary>
    private static string Folder(string file, string path) => Path.GetFullPath(path, Path.GetDirectoryName(Path.GetFullPath(file))!);

    private static RetryPolicy Retry(YamlSection section)
    {
        var policy = new RetryPolicy
        {
            Enabled = section.Flag("enabled", true),
            MaxRetries = section.Number("max_retries", 3, 0, 100),
            RetryDelay = section.Seconds("retry_delay", TimeSpan.FromSeconds(300), 0, 30 * Day),
            BackoffMultiplier = section.Fraction("backoff_multiplier", 2.0, 1, 100),
        };
        section.RefuseOthers();
        return policy;
    }

    private static NotificationSettings Notifications(YamlSection section)
    {
        var settings = new NotificationSettings
        {
            Enabled = section.Flag("enabled", false),
            OnSuccess = section.Flag("on_success", false),
            OnFailure = section.Flag("on_failure", true),
            OnStalled = section.Flag("on_stalled", true),
            WebhookUrl = section.Text("webhook_url"),
            WebhookType = section.OneOf("webhook_type", "generic", "slack", "discord", "generic"),
            EmailEnabled = section.Flag("email_enabled", false),
            EmailSmtpHost = section.Text("email_smtp_host"),
            EmailSmtpPort = section.Number("email_smtp_port", 587, 1, 65535),
            EmailTls = section.OneOf("email_tls", "starttls", "starttls", "tls", "none"),
            EmailFrom = section.Text("email_from"),
            EmailTo = section.Texts("email_to"),
            EmailUsername = section.Text("email_username"),
            EmailPassword = section.Text("email_password"),
        };
        section.RefuseOthers();
        return settings;
    }

    private static ControlSettings Control(YamlSection section)
    {
        var settings = new ControlSettings
        {
            Group = section.Text("group"),
            Http = section.Flag("http", true),
            HttpListen = section.Text("http_listen"),
            HttpToken = section.Text("http_token"),
        };
        section.RefuseOthers();
        return settings;
    }

    private static JobLimits Limits(YamlSection section)
    {
        var limits = new JobLimits
        {
            MemoryMax = section.Bytes("memory_max"),
            CpuQuota = section.Number("cpu_quota", 0, 0, 100_000),
            TasksMax = section.Number("tasks_max", 0, 0, 1_000_000),
            Timeout = section.Seconds("timeout", TimeSpan.Zero, 0, 30 * Day),
        };
        section.RefuseOthers();
        return limits;
    }

    /// <summary>What single keys cannot tell.</summary>
    private static void Check(string path, DaemonConfiguration read)
    {
        Refuse(IsWithin(read.OutputDir, read.WatchDir), "'output_dir' lies in 'watch_dir': what is made would be taken for new guests", "Choose a folder beside it.");
        Refuse(IsWithin(read.WatchDir, read.StateDirectory), "'watch_dir' lies in the daemon's own folder", "Choose another.");
        var notes = read.Notifications;
        Refuse(notes.EmailEnabled && (notes.EmailSmtpHost is null || notes.EmailFrom is null || notes.EmailTo.Count == 0), "'notifications.email_enabled' needs email_smtp_host, email_from and email_to", "Add them, or switch mail off.");
        Refuse(notes.Enabled && notes is { WebhookUrl: null, EmailEnabled: false }, "'notifications.enabled' needs webhook_url or email_enabled", "Say where notes go.");
        Refuse(notes is { EmailUsername: not null, EmailPassword: null }, "'notifications.email_username' needs email_password", "Name a file: email_password: file:/etc/hyper2kvm/smtp-password.");
        RefusePlain(notes.EmailPassword, "notifications.email_password");
        RefusePlain(read.Control.HttpToken, "control.http_token");
        Refuse(read.Control is { HttpListen: not null, HttpToken: null }, "'control.http_listen' needs http_token", "Everybody on this host could command the daemon: name a file that holds a token.");

        void Refuse(bool when, string what, string remedy)
        {
            if (when)
            {
                throw new StepException(ErrorCodes.Configuration, $"{path}: {what}", remedy);
            }
        }

        void RefusePlain(string? secret, string key)
            => Refuse(
                secret is not null && !secret.StartsWith("file:", StringComparison.Ordinal) && !secret.StartsWith("env:", StringComparison.Ordinal),
                $"'{key}' holds a secret itself",
                "Put it into a file that only root can read: file:PATH, or name a variable: env:NAME.");
    }

    private static bool IsWithin(string inner, string outer) => (inner + '/').StartsWith(outer.TrimEnd('/') + '/', StringComparison.Ordinal);
}
