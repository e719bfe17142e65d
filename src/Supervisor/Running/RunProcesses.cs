using Hyper2Kvm.Core.Processes;
using Hyper2Kvm.Core.Programs;
using Hyper2Kvm.Core.Work;

namespace Hyper2Kvm.Supervisor.Running;

/// <summary>The processes of one run, found by the name of its work directory, which is unique, in their command lines.</summary>
/// <remarks>
/// They die with their owners, but a killed process takes a moment to be gone, and one that was killed between fork(2) and
/// prctl(2) leaves a child that nothing is tied to. A clean-up promises that nothing is left, so it looks.
/// </remarks>
internal static class RunProcesses
{
    /// <summary>Programs of others that a run starts.</summary>
    private static readonly string[] Tools = ["nbdkit", "qemu-nbd", "nbdfuse", "qemu-img", "setpriv", "setsid", "nsenter", "depmod", "zstd", "xz", "lz4", "fuse2fs", "ntfs-3g", "guestfish", "qemu-system-x86_64", "unshare"];

    /// <summary>Processes of a run, this one left out.</summary>
    /// <param name="work">Its work directory.</param>
    public static IReadOnlyList<int> Of(WorkDirectory work)
        => [.. Directory.EnumerateDirectories("/proc")
            .Select(entry => int.TryParse(Path.GetFileName(entry), out var id) ? id : 0)
            .Where(id => id > 0 && id != Environment.ProcessId && Belongs(id, work))];

    /// <summary>Kills processes that lost their owner.</summary>
    /// <param name="processes">Their ids.</param>
    public static void Kill(IEnumerable<int> processes)
    {
        foreach (var process in processes)
        {
            CommandRunner.Run(new Command("kill", "-KILL", $"{process}"));
        }
    }

    private static bool Belongs(int process, WorkDirectory work)
    {
        try
        {
            var words = File.ReadAllText($"/proc/{process}/cmdline").Split('\0');
            var program = Path.GetFileName(words[0]);
            return (Tools.Contains(program) || File.Exists(Path.Combine(ExecPath.Directory, program)))
                && words.Any(word => word == work.Path || word.Contains(work.Path + "/", StringComparison.Ordinal));
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
