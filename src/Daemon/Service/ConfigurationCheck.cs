using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Daemon.Configuration;
using Hyper2Kvm.Daemon.Running;

namespace Hyper2Kvm.Daemon.Service;

/// <summary><c>daemon --check</c>: what a daemon with this configuration would trip over on this host.</summary>
internal static class ConfigurationCheck
{
    /// <summary>Looks, and says what it finds.</summary>
    /// <param name="path">The configuration.</param>
    /// <param name="configuration">What it says.</param>
    /// <param name="output">Where it is said.</param>
    /// <returns>Exit code.</returns>
    public static int Run(string path, DaemonConfiguration configuration, TextWriter output)
    {
        var findings = Findings(configuration).ToList();
        findings.ForEach(finding => output.WriteLine($"{path}: {finding}"));
        output.WriteLine(findings.Count == 0 ? $"{path}: good" : $"{path}: {findings.Count} to mend");
        return findings.Count == 0 ? 0 : ErrorCodes.Configuration.ExitCode;
    }

    private static IEnumerable<string> Findings(DaemonConfiguration configuration)
    {
        foreach (var (key, folder) in ((string, string)[])[("watch_dir", configuration.WatchDir), ("output_dir", configuration.OutputDir)])
        {
            if (!Directory.Exists(folder))
            {
                yield return $"'{key}': {folder} does not exist. Make it.";
            }
            else if (!IsWritable(folder))
            {
                yield return $"'{key}': {folder} cannot be written. The daemon moves files in it; give it permission.";
            }
        }

        if (Failure(() => JobCgroup.Make("check", configuration.JobLimits).Dispose()) is { } limits)
        {
            yield return $"'job_limits': {limits}";
        }
    }

    private static bool IsWritable(string folder)
    {
        var probe = Path.Combine(folder, $".hyper2kvm-{Guid.NewGuid():N}");
        try
        {
            File.WriteAllBytes(probe, []);
            File.Delete(probe);
            return true;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string? Failure(Action act)
    {
        try
        {
            act();
            return null;
        }
        catch (StepException told)
        {
            return $"{told.Message}. {told.Hint}";
        }
    }
}
