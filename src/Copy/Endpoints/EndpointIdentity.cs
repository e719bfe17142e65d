using Hyper2Kvm.Nbd;

namespace Hyper2Kvm.Copy;

/// <summary>
/// Names of endpoints that another source or target at the same place does not have, so that a killed copy never goes on
/// with something else: a file by device, inode and time of birth (and of the last change, for a source); a server on a
/// Unix socket by its process and when that began, as its overlay goes with it. Of a server elsewhere nothing but the
/// address is known.
/// </summary>
internal static class EndpointIdentity
{
    private const int FieldOfStartTime = 22; // proc_pid_stat(5)

    /// <summary>Of a file or device that is read.</summary>
    /// <param name="path">Its path.</param>
    internal static string OfSource(string path) => NativeMethods.FileHistory(path, withContent: true) ?? string.Empty;

    /// <summary>Of a file or device that is written; empty where there is none.</summary>
    /// <param name="path">Its path.</param>
    internal static string OfTarget(string path) => NativeMethods.FileHistory(path, withContent: false) ?? string.Empty;

    /// <summary>Of a server.</summary>
    /// <param name="endpoint">Where it is.</param>
    /// <param name="process">Its process id, 0 where that cannot be known.</param>
    internal static string OfServer(NbdEndpoint endpoint, int process) => process == 0 ? $"{endpoint}" : $"{endpoint} of process {process}, begun {StartTime(process)}";

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
