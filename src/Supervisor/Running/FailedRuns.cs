using Hyper2Kvm.Core.Work;

namespace Hyper2Kvm.Supervisor.Running;

/// <summary>Keeps the logs of failed runs, the newest few, where a person finds them after the work directory is gone.</summary>
internal static class FailedRuns
{
    private const int Kept = 20;

    /// <summary>HYPER2KVM_STATE, else <c>$XDG_STATE_HOME/hyper2kvm</c>, else <c>~/.local/state/hyper2kvm</c>.</summary>
    public static string StateDirectory
    {
        get
        {
            if (Environment.GetEnvironmentVariable("HYPER2KVM_STATE") is { Length: > 0 } chosen)
            {
                return chosen;
            }

            var state = Environment.GetEnvironmentVariable("XDG_STATE_HOME") is { Length: > 0 } xdg
                ? xdg
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state");
            return Path.Combine(state, "hyper2kvm");
        }
    }

    /// <summary>Copies logs, events and documents of a run.</summary>
    /// <param name="work">Its work directory.</param>
    /// <returns>Where they are now, or <see langword="null"/> where that could not be done.</returns>
    public static string? Keep(WorkDirectory work)
    {
        try
        {
            var all = Path.Combine(StateDirectory, "failed");
            var kept = Path.Combine(all, work.Id);
            Directory.CreateDirectory(kept, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            var documents = Directory.EnumerateFiles(work.Path).Where(path => Path.GetExtension(path) is ".json" or ".ndjson" or ".in" or ".out");
            foreach (var file in documents.Concat(Directory.EnumerateFiles(work.File("logs"))).Where(path => File.ResolveLinkTarget(path, false) is null))
            {
                File.Copy(file, Path.Combine(kept, Path.GetFileName(file)), overwrite: true);
            }

            foreach (var old in new DirectoryInfo(all).GetDirectories().OrderByDescending(entry => entry.LastWriteTimeUtc).Skip(Kept))
            {
                old.Delete(recursive: true);
            }

            return kept;
        }
        catch (Exception unusable) when (unusable is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
