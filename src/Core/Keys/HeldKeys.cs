using System.Text.RegularExpressions;
using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Native;
using Microsoft.Win32.SafeHandles;

namespace Hyper2Kvm.Core.Keys;

/// <summary>Hands keys on to other programs of this user: those in files by their path, passphrases in memory that has a path for as long as this process lives.</summary>
/// <remarks>So a passphrase is in no document, no list of processes, no environment, and on no disk: memfd_create(2), reached through /proc/PID/fd (proc(5)).</remarks>
public sealed partial class HeldKeys : IDisposable
{
    private readonly List<SafeFileHandle> _memory = [];

    private HeldKeys()
    {
    }

    /// <summary>The keys as a job names them.</summary>
    public IReadOnlyList<JobKey> Keys { get; private set; } = [];

    /// <summary>Takes keys. What can be read only once or only by this process (a pipe, a descriptor) is read now.</summary>
    /// <param name="keys">The keys.</param>
    /// <exception cref="StepException">A key file cannot be read (<see cref="ErrorCodes.ConvertKey"/>).</exception>
    public static HeldKeys Hold(IEnumerable<GuestKey> keys)
    {
        var held = new HeldKeys();
        try
        {
            held.Keys = [.. keys.Select(held.Take)];
            return held;
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>Whether a path is that of a passphrase in the memory of a process.</summary>
    /// <param name="path">The path.</param>
    public static bool IsHeld(string path) => Descriptor().IsMatch(path);

    /// <inheritdoc/>
    public void Dispose()
    {
        _memory.ForEach(memory => memory.Dispose());
        _memory.Clear();
    }

    private JobKey Take(GuestKey key)
    {
        // Reading tells of a missing file now, not after the source was opened.
        var passphrase = key.Read(out var isLasting);
        if (isLasting)
        {
            return new JobKey { Id = key.Id, File = key.File! };
        }

        var memory = NativeMethods.MemoryFile("key");
        if (memory.IsInvalid)
        {
            throw new StepException(ErrorCodes.ConvertKey, $"{key} cannot be held in memory: memfd_create gave error {System.Runtime.InteropServices.Marshal.GetLastPInvokeError()}", "Give it as a file.");
        }

        _memory.Add(memory);
        RandomAccess.Write(memory, [.. passphrase, (byte)'\n'], 0);
        return new JobKey { Id = key.Id, File = $"/proc/{Environment.ProcessId}/fd/{memory.DangerousGetHandle()}" };
    }

    [GeneratedRegex("^/proc/[0-9]+/fd/[0-9]+$", RegexOptions.CultureInvariant)]
    private static partial Regex Descriptor();
}
