using System.Globalization;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Processes;
using Hyper2Kvm.Daemon.Configuration;

namespace Hyper2Kvm.Daemon.Running;

/// <summary>The control group of one job: what all its processes together may use (cgroups(7); Documentation/admin-guide/cgroup-v2.rst).</summary>
internal sealed class JobCgroup : IDisposable
{
    private const string Root = "/sys/fs/cgroup";
    private const int Period = 100_000; // microseconds, the kernel's own
    private const int Percent = 100;

    private readonly List<string> _directories = [];

    private JobCgroup()
    {
    }

    /// <summary>Whether the kernel killed a process of it for want of memory.</summary>
    public bool RanOutOfMemory
        => _directories.Any(directory => Count(directory, "memory.events", "oom_kill ") > 0 || Count(directory, "memory.oom_control", "oom_kill ") > 0);

    /// <summary>Makes the group of a job; nothing where there are no limits.</summary>
    /// <param name="id">The job's id.</param>
    /// <param name="limits">The limits.</param>
    /// <exception cref="StepException">Limits are asked for, and this host gives no control group (<see cref="ErrorCodes.HostPermission"/>).</exception>
    public static JobCgroup Make(string id, JobLimits limits)
    {
        var group = new JobCgroup();
        try
        {
            var files = Files(limits).ToList();
            foreach (var controller in files.Select(file => file.Controller).Distinct())
            {
                group.Join(controller, id);
            }

            foreach (var file in files)
            {
                group.Write(file);
            }

            return group;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            group.Dispose();
            throw new StepException(
                ErrorCodes.HostPermission,
                $"job_limits cannot be set: {refused.Message}",
                "Run the daemon by its unit (Delegate=yes gives it control groups), or take job_limits out of the configuration.",
                refused);
        }
    }

    /// <summary>A command that runs in it, with all its children.</summary>
    /// <param name="command">The command.</param>
    public Command Confine(Command command)
        => _directories.Count == 0
            ? command
            : command with
            {
                Program = "/bin/sh",
                Arguments =
                [
                    "-c", "while [ \"$1\" != -- ]; do echo $$ > \"$1/cgroup.procs\" || exit 89; shift; done; shift; exec \"$@\"", "sh",
                    .. _directories, "--", command.Program, .. command.Arguments,
                ],
            };

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var directory in _directories)
        {
            try
            {
                Directory.Delete(directory);
            }
            catch (IOException)
            {
                // Still in use for a moment by a process that dies: the next start of the daemon finds it empty.
            }
        }

        _directories.Clear();
    }

    private static IEnumerable<LimitFile> Files(JobLimits limits)
    {
        if (limits.MemoryMax > 0)
        {
            var bytes = limits.MemoryMax.ToString(CultureInfo.InvariantCulture);
            yield return new LimitFile("memory", "memory.max", "memory.limit_in_bytes", bytes);
            yield return new LimitFile("memory", "memory.swap.max", null, "0");
        }

        if (limits.CpuQuota > 0)
        {
            var quota = (long)limits.CpuQuota * Period / Percent;
            yield return new LimitFile("cpu", "cpu.max", null, $"{quota} {Period}");
            yield return new LimitFile("cpu", null, "cpu.cfs_quota_us", quota.ToString(CultureInfo.InvariantCulture));
        }

        if (limits.TasksMax > 0)
        {
            var most = limits.TasksMax.ToString(CultureInfo.InvariantCulture);
            yield return new LimitFile("pids", "pids.max", "pids.max", most);
        }
    }

    /// <summary>The group that this process is in, for a controller: of the one hierarchy (v2), or of the controller's own (v1).</summary>
    private static (string Directory, bool IsUnified) Own(string controller)
    {
        foreach (var line in File.ReadLines("/proc/self/cgroup"))
        {
            var (controllers, path) = line.Split(':', 3) is [_, var names, var place] ? (names, place) : (string.Empty, "/");
            if (controllers.Split(',').Contains(controller))
            {
                return ($"{Root}/{controllers}{path.TrimEnd('/')}", false);
            }
        }

        var unified = File.ReadLines("/proc/self/cgroup").First(line => line.StartsWith("0::", StringComparison.Ordinal))[3..];
        return ($"{Root}{unified.TrimEnd('/')}", true);
    }

    private static long Count(string directory, string file, string field)
    {
        var path = Path.Combine(directory, file);
        return File.Exists(path)
            && File.ReadLines(path).FirstOrDefault(line => line.StartsWith(field, StringComparison.Ordinal)) is { } found
            && long.TryParse(found[field.Length..], CultureInfo.InvariantCulture, out var count) ? count : 0;
    }

    /// <summary>In version 2 a group with children has no processes of its own: the daemon moves into a child beside its jobs, once.</summary>
    private static void Delegate(string own, string controller)
    {
        var control = Path.Combine(own, "cgroup.subtree_control");
        if (File.ReadAllText(control).Split(' ', StringSplitOptions.TrimEntries).Contains(controller))
        {
            return;
        }

        var daemon = Directory.CreateDirectory(Path.Combine(own, "daemon")).FullName;
        foreach (var process in File.ReadAllLines(Path.Combine(own, "cgroup.procs")))
        {
            File.WriteAllText(Path.Combine(daemon, "cgroup.procs"), process);
        }

        File.WriteAllText(control, $"+{controller}");
    }

    private void Join(string controller, string id)
    {
        var (own, unified) = Own(controller);
        if (unified)
        {
            own = Path.GetFileName(own) == "daemon" ? Path.GetDirectoryName(own)! : own;
            Delegate(own, controller);
        }

        var directory = Path.Combine(own, id);
        if (!_directories.Contains(directory))
        {
            Directory.CreateDirectory(directory);
            _directories.Add(directory);
        }
    }

    private void Write(LimitFile limit)
    {
        foreach (var name in (string?[])[limit.Unified, limit.Own])
        {
            if (name is not null && _directories.Select(directory => Path.Combine(directory, name)).FirstOrDefault(File.Exists) is { } path)
            {
                File.WriteAllText(path, limit.Value);
                return;
            }
        }
    }

    /// <summary>A limit: its file in version 2, and in version 1.</summary>
    private sealed record LimitFile(string Controller, string? Unified, string? Own, string Value);
}
