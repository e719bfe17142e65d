using System.Globalization;

namespace Hyper2Kvm.Guest.Sandbox;

/// <summary>A control group with a limit of memory (cgroups(7)): of version 2, or of version 1's memory controller.</summary>
internal sealed class MemoryGroup : IDisposable
{
    private const string Mounts = "/sys/fs/cgroup";
    private static int _made;
    private readonly string _directory;

    private MemoryGroup(string directory) => _directory = directory;

    /// <summary>The file that takes the id of a process which is to be in it.</summary>
    public string Members => Path.Combine(_directory, "cgroup.procs");

    /// <summary>Makes one beside the group that this process is in: a group of version 2 that has processes can have no groups below it with a limit.</summary>
    /// <param name="bytes">Most memory of all its processes together, what they keep in tmpfs among it.</param>
    /// <returns><see langword="null"/> where this host lets us make none.</returns>
    public static MemoryGroup? TryCreate(long bytes) => TryCreate(bytes, Mounts, File.ReadAllLines("/proc/self/cgroup"));

    /// <summary>The same, for another place.</summary>
    /// <param name="bytes">Most memory.</param>
    /// <param name="mounts">Where control groups are mounted.</param>
    /// <param name="own">/proc/self/cgroup, by lines.</param>
    public static MemoryGroup? TryCreate(long bytes, string mounts, IReadOnlyList<string> own)
    {
        foreach (var fields in own.Select(line => line.Split(':', 3)).Where(fields => fields.Length == 3))
        {
            var (hierarchy, limit) = fields[1].Split(',').Contains("memory") ? (Path.Combine(mounts, "memory"), "memory.limit_in_bytes")
                : fields[1].Length == 0 ? (mounts, "memory.max") : (string.Empty, string.Empty);
            if (hierarchy.Length > 0 && TryMake(hierarchy + Path.GetDirectoryName(fields[2]), limit, bytes) is { } made)
            {
                return made;
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            Directory.Delete(_directory);
        }
        catch (IOException)
        {
            // The kernel still counts a process that has just ended; an empty group holds nothing.
        }
    }

    private static MemoryGroup? TryMake(string parent, string limit, long bytes)
    {
        var directory = Path.Combine(parent, $"hyper2kvm-{Environment.ProcessId}-{Interlocked.Increment(ref _made)}");
        try
        {
            if (!Directory.Exists(parent))
            {
                return null;
            }

            Directory.CreateDirectory(directory);
            if (File.Exists(Path.Combine(directory, limit)))
            {
                File.WriteAllText(Path.Combine(directory, limit), bytes.ToString(CultureInfo.InvariantCulture));
                return new MemoryGroup(directory);
            }

            Directory.Delete(directory);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            // Read-only, as in most containers, or not delegated to us.
        }

        return null;
    }
}
