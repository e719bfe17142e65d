namespace Hyper2Kvm.Guest.Tests.Fixtures;

/// <summary>What the host sees of mounts and loop devices.</summary>
internal static class HostState
{
    public static string Mounts() => File.ReadAllText("/proc/self/mounts");

    public static IReadOnlyList<string> LoopBackingFiles()
        => [.. Directory.EnumerateDirectories("/sys/block", "loop*")
            .Select(device => Path.Combine(device, "loop/backing_file"))
            .Select(file => File.Exists(file) ? File.ReadAllText(file).Trim() : string.Empty)
            .Where(file => file.Length > 0)];
}
