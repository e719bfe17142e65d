using Hyper2Kvm.Nbd;

namespace Hyper2Kvm.Copy;

/// <summary>
/// Names of endpoints that another source or target at the same place does not have, so that a killed copy never goes on
/// with something else: a file by device, inode and time of birth (a source by the time of the last change, too, and a target
/// by its <see cref="TargetMark"/>); a block device by number, size and sequence number of its disk; a server on a Unix socket
/// by its process and when that began, as its overlay goes with it. Of a server elsewhere nothing but the address is known.
/// </summary>
internal static class EndpointIdentity
{
    private const int FieldOfStartTime = 22; // proc_pid_stat(5)

    /// <summary>Of a file or device that is read.</summary>
    /// <param name="path">Its path.</param>
    internal static string OfSource(string path) => $"{NativeMethods.FileHistory(path, withContent: true)}{OfDevice(path)}";

    /// <summary>Of a file or device that is written; empty where there is none.</summary>
    /// <param name="path">Its path.</param>
    internal static string OfTarget(string path) => $"{NativeMethods.FileHistory(path, withContent: false)}{OfDevice(path)} {TargetMark.Read(path)}".TrimEnd();

    /// <summary>Of a server.</summary>
    /// <param name="endpoint">Where it is.</param>
    /// <param name="process">Its process id, 0 where that cannot be known.</param>
    internal static string OfServer(NbdEndpoint endpoint, int process) => process == 0 ? $"{endpoint}" : $"{endpoint} of process {process}, begun {StartTime(process)}";

    /// <summary>Of a block device, what tells the disk from one that had its number before: sysfs-block of Linux, "diskseq" (5.15); of a partition its disk has it.</summary>
    private static string OfDevice(string path)
    {
        if (NativeMethods.BlockDevice(path) is not var (major, minor)) return string.Empty;
        var link = new DirectoryInfo($"/sys/dev/block/{major}:{minor}");
        var device = link.LinkTarget is null ? null : (DirectoryInfo)link.ResolveLinkTarget(returnFinalTarget: true)!;
        return $", {Line(device, "size")} sectors, sequence {Line(device, "diskseq") ?? Line(device?.Parent, "diskseq")}";
    }

    private static string? Line(DirectoryInfo? directory, string name)
    {
        try
        {
            return directory is null ? null : File.ReadAllText(Path.Combine(directory.FullName, name)).Trim();
        }
        catch (Exception none) when (none is IOException or UnauthorizedAccessException)
        {
            return null; // An older kernel, or no sysfs here.
        }
    }

    private static string StartTime(int process)
    {
        try
        {
            // The name in brackets may hold anything, so fields are counted from its end.
            var stat = File.ReadAllText($"/proc/{process}/stat");
            return stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[FieldOfStartTime - 3];
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException or IndexOutOfRangeException)
        {
            return "unknown";
        }
    }
}
