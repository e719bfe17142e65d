using System.Globalization;
using Hyper2Kvm.Daemon.Native;
using Hyper2Kvm.Daemon.Watching.Grouping;

namespace Hyper2Kvm.Daemon.Watching;

/// <summary>Tells whether somebody has a file open for writing. Made anew for each round of looks, so that the processes of this host are gone through once.</summary>
/// <param name="folder">The watch folder.</param>
/// <param name="leases">Whether the file system's leases tell it: they do where all writers are on this host.</param>
internal sealed class OpenWriters(string folder, bool leases)
{
    private const int AccessMode = 3; // O_ACCMODE
    private HashSet<string>? _written;

    /// <summary>The first file of a guest that somebody writes to.</summary>
    /// <param name="candidate">The guest.</param>
    public string? FirstOf(Candidate candidate)
        => candidate.Files.Concat(candidate.Neighbours).FirstOrDefault(file => IsHeld(file.Path))?.Name;

    private bool IsHeld(string path)
    {
        if (leases)
        {
            using var file = NativeMethods.OpenForReading(path);

            // A lease is refused with EAGAIN while the file is open for writing, and with another error to those who do not own it (fcntl(2)).
            if (!file.IsInvalid && NativeMethods.TryReadLease(file) is var error and (0 or NativeMethods.ErrorAgain))
            {
                return error != 0;
            }
        }

        _written ??= FindWritten();
        return _written.Contains(path);
    }

    /// <summary>Files below the folder that processes of this host have open for writing, as far as this user may see them.</summary>
    private HashSet<string> FindWritten()
    {
        var written = new HashSet<string>(StringComparer.Ordinal);
        using var opened = NativeMethods.OpenForReading(folder + "/.");
        var real = File.ResolveLinkTarget($"/proc/self/fd/{opened.DangerousGetHandle()}", returnFinalTarget: false)?.FullName ?? folder;
        foreach (var process in Directory.EnumerateDirectories("/proc").Where(path => char.IsAsciiDigit(Path.GetFileName(path)[0])))
        {
            try
            {
                foreach (var descriptor in Directory.EnumerateFileSystemEntries(process + "/fd"))
                {
                    if (File.ResolveLinkTarget(descriptor, returnFinalTarget: false)?.FullName is { } path
                        && path.StartsWith(real + '/', StringComparison.Ordinal)
                        && IsForWriting($"{process}/fdinfo/{Path.GetFileName(descriptor)}"))
                    {
                        written.Add(folder + path[real.Length..]);
                    }
                }
            }
            catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
            {
                // It has ended, or is another user's.
            }
        }

        return written;
    }

    /// <summary>proc(5), /proc/PID/fdinfo: <c>flags:</c> and the octal flags of open(2).</summary>
    private static bool IsForWriting(string description)
        => File.ReadLines(description).FirstOrDefault(line => line.StartsWith("flags:", StringComparison.Ordinal)) is { } line
            && line.AsSpan(6).Trim() is var octal
            && octal.Length > 0
            && int.TryParse(octal[^1..], NumberStyles.None, CultureInfo.InvariantCulture, out var last)
            && (last & AccessMode) != 0;
}
