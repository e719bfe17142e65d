using System.Runtime.InteropServices;

namespace Hyper2Kvm.Helpers.Convert.Native;

/// <summary>What of the host's libraries .NET does not offer. The only P/Invoke of this project.</summary>
internal static unsafe partial class NativeMethods
{
    private const string CryptLibrary = "libcrypt";

    /// <summary>Sonames of libcrypt: of Debian, SUSE and glibc's own; of Fedora and Arch.</summary>
    private static readonly string[] CryptNames = ["libcrypt.so.1", "libcrypt.so.2"];

    static NativeMethods() => NativeLibrary.SetDllImportResolver(typeof(NativeMethods).Assembly, (name, assembly, search) =>
    {
        var handle = IntPtr.Zero;
        _ = name == CryptLibrary && CryptNames.Any(soname => NativeLibrary.TryLoad(soname, assembly, search, out handle));
        return handle;
    });

    /// <summary>crypt(3): a text in memory that the next call overwrites; null or one that begins with <c>*</c> on failure.</summary>
    [LibraryImport(CryptLibrary, EntryPoint = "crypt")]
    public static partial byte* Crypt(byte* phrase, byte* setting);
}
