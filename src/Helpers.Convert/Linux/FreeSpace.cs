using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux;

/// <summary>Requires room for what is to be written, before anything is.</summary>
internal static class FreeSpace
{
    private const long Mebibyte = 1 << 20;

    /// <summary>Room that a running guest needs anyway, by mount point.</summary>
    private static readonly Dictionary<string, long> Least = new(StringComparer.Ordinal) { ["/"] = 100 * Mebibyte, ["/boot"] = 50 * Mebibyte };

    /// <summary>The same of any other file system that is written; an EFI system partition, on which nothing grows, needs no more than what is written.</summary>
    private const long LeastElsewhere = 10 * Mebibyte;

    /// <summary>Files that a running guest makes anyway.</summary>
    private const long LeastFiles = 100;

    /// <summary>Requires room. A guest in which nothing is to be written needs none: a second run does not fail for want of it.</summary>
    /// <param name="input">The guest.</param>
    /// <param name="edits">All that is to be done.</param>
    /// <exception cref="StepException">A file system is too full (<see cref="ErrorCodes.ConvertNoSpace"/>).</exception>
    public static void Require(LinuxGuestInput input, IEnumerable<GuestEdit> edits)
    {
        var points = input.Mounts.Select(mount => mount.MountPoint).OrderByDescending(point => point.Length).ToList();
        foreach (var group in edits.Where(edit => edit is WriteFile or LinkFile or MakeDirectory).GroupBy(edit => points.Find(point => IsUnder(edit.Path, point)) ?? "/"))
        {
            // Every new file stands beside the old one until it is renamed, and an old initramfs stays.
            var written = group.OfType<WriteFile>().Sum(edit => (long)edit.Content.Length);
            var needed = Math.Max(written + Mebibyte, LeastOf(input, group.Key));
            var free = input.Files.FreeBytes(group.Key);
            if (free < needed)
                throw new StepException(ErrorCodes.ConvertNoSpace, Message(group.Key, free, needed, written), $"Free {InMebibytes(needed - free)} MiB more on {group.Key} in the guest{(group.Key == "/boot" ? ", for example by removing old kernels" : string.Empty)}.");
            RequireFiles(input, group.Key, group.Count());
        }
    }

    /// <summary>Each file has one more beside it while it is written, and kept files stay.</summary>
    private static void RequireFiles(LinuxGuestInput input, string point, int written)
    {
        var (free, needed) = (input.Files.FreeFiles(point), Math.Max(written + 1, LeastFiles));
        if (free < needed)
            throw new StepException(ErrorCodes.ConvertNoSpace, $"{point} of the guest can have {free} more files (free inodes); {needed} are needed", $"Remove at least {needed - free} files from {point} in the guest.");
    }

    private static long LeastOf(LinuxGuestInput input, string point)
        => Least.TryGetValue(point, out var least) ? least
            : input.Mounts.Any(mount => mount.MountPoint == point && mount.Volume.Content == "vfat") ? 0
            : LeastElsewhere;

    private static string Message(string point, long free, long needed, long written)
        => $"{point} of the guest has {free / Mebibyte} MiB free; {InMebibytes(needed)} MiB are needed"
            + (written > Mebibyte ? $" ({InMebibytes(written)} MiB for new initramfs files beside the old ones, which are kept)" : string.Empty);

    private static long InMebibytes(long bytes) => (bytes + Mebibyte - 1) / Mebibyte;

    private static bool IsUnder(string path, string point) => point == "/" || path.StartsWith(point + "/", StringComparison.Ordinal);
}
