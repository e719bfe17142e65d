namespace Hyper2Kvm.Guest.Tests.Fixtures;

/// <summary>What the host sees of mounts and loop devices.</summary>
internal static class HostState
{
    public static string Mounts() => File.ReadAllText("/proc/self/mounts");

    /// <summary>Command lines of all processes that have not ended.</summary>
    public static IReadOnlyList<string> CommandLines()
        => [.. Directory.EnumerateDirectories("/proc").Where(path => char.IsAsciiDigit(path[^1])).Select(CommandLine)];

    public static IReadOnlyList<(string Id, string CommandLine)> Processes()
        => [.. Directory.EnumerateDirectories("/proc").Where(path => char.IsAsciiDigit(path[^1])).Select(path => (Path.GetFileName(path), CommandLine(path)))];

    public static IReadOnlyList<string> LoopBackingFiles()
        => [.. Directory.EnumerateDirectories("/sys/block", "loop*")
            .Select(device => Path.Combine(device, "loop/backing_file"))
            .Select(file => File.Exists(file) ? File.ReadAllText(file).Trim() : string.Empty)
            .Where(file => file.Length > 0)];

    private static string CommandLine(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline")).Replace('\0', ' ');
        }
        catch (IOException)
        {
            return string.Empty;
        }
    }
}
