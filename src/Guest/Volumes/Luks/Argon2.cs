using System.Runtime.InteropServices;
using System.Text;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest.Native;

namespace Hyper2Kvm.Guest.Volumes.Luks;

/// <summary>Which Argon2 (argon2.h, enum Argon2_type).</summary>
internal enum Argon2Type
{
    /// <summary>Argon2i.</summary>
    I = 1,

    /// <summary>Argon2id.</summary>
    Id = 2,
}

/// <summary>Argon2 by Debian's libargon2, the reference implementation, which cryptsetup uses too; .NET has none. Its memory is its own, not the runtime's.</summary>
internal static unsafe class Argon2
{
    /// <summary>ARGON2_MEMORY_ALLOCATION_ERROR.</summary>
    private const int NoMemory = -22;

    private const long KiB = 1024;

    /// <summary>Derives a key (RFC 9106, 3).</summary>
    /// <param name="type">Which.</param>
    /// <param name="passphrase">The passphrase.</param>
    /// <param name="salt">The salt, at least 8 bytes.</param>
    /// <param name="passes">Passes over the memory.</param>
    /// <param name="memoryKib">Memory, KiB.</param>
    /// <param name="lanes">Lanes, each filled by a thread.</param>
    /// <param name="length">Length of the key, bytes.</param>
    /// <exception cref="VolumeProblem">The header's numbers are none that Argon2 takes, or this host has not enough memory.</exception>
    /// <exception cref="StepException">The library is not installed (<see cref="ErrorCodes.ToolMissing"/>).</exception>
    public static byte[] Derive(Argon2Type type, ReadOnlySpan<byte> passphrase, ReadOnlySpan<byte> salt, uint passes, uint memoryKib, uint lanes, int length)
    {
        if (!NativeLibrary.TryLoad(NativeMethods.Argon2Library, typeof(Argon2).Assembly, DllImportSearchPath.SafeDirectories, out _))
        {
            throw new StepException(ErrorCodes.ToolMissing, $"{NativeMethods.Argon2Library} is not installed: the key of a LUKS2 container cannot be derived", "Run: apt-get install libargon2-1");
        }

        if ((long)memoryKib * KiB > GC.GetGCMemoryInfo().TotalAvailableMemoryBytes)
        {
            throw TooLittleMemory(memoryKib);
        }

        var key = new byte[length];
        int status;
        fixed (byte* password = passphrase, saltStart = salt, into = key)
        {
            status = NativeMethods.Argon2Hash(passes, memoryKib, lanes, password, (nuint)passphrase.Length, saltStart, (nuint)salt.Length, into, (nuint)key.Length, null, 0, (int)type, NativeMethods.Argon2Version);
        }

        return status switch
        {
            0 => key,
            NoMemory => throw TooLittleMemory(memoryKib),
            _ => throw new VolumeProblem($"its key slot is damaged: {Encoding.ASCII.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(NativeMethods.Argon2ErrorMessage(status)))}"),
        };
    }

    private static VolumeProblem TooLittleMemory(uint memoryKib)
        => new($"this host has not the {memoryKib >> 10} MiB of memory that its key slot asks for to derive a key: free memory on this host, or add a slot with less in the guest (cryptsetup luksAddKey --pbkdf-memory)");
}
