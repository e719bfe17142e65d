using System.Runtime.InteropServices;

namespace Hyper2Kvm.Helpers.Convert.Tests.Linux.Selinux;

/// <summary>The peer: libselinux's own answer (selabel_open(3), selabel_lookup_raw(3)).</summary>
internal sealed unsafe partial class LibSelinux : IDisposable
{
    private const string Library = "libselinux.so.1";
    private const uint Files = 0; // SELABEL_CTX_FILE
    private const int PathOption = 3; // SELABEL_OPT_PATH

    private readonly nint _handle;

    public LibSelinux(string fileContexts)
    {
        fixed (byte* path = System.Text.Encoding.UTF8.GetBytes(fileContexts + '\0'))
        {
            var option = new SelinuxOption { Type = PathOption, Value = path };
            _handle = Open(Files, &option, 1);
        }

        _handle.Should().NotBe(0, "libselinux reads {0}", fileContexts);
    }

    /// <summary>The label; <see langword="null"/> where the file is to have none.</summary>
    public string? Find(string path, int mode)
    {
        byte* label = null;
        if (LookUp(_handle, &label, path, mode) != 0)
            return null;
        var text = Marshal.PtrToStringUTF8((nint)label);
        Free(label);
        return text;
    }

    public void Dispose() => Close(_handle);

    [LibraryImport(Library, EntryPoint = "selabel_open")]
    private static partial nint Open(uint backend, SelinuxOption* options, uint count);

    [LibraryImport(Library, EntryPoint = "selabel_lookup_raw", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int LookUp(nint handle, byte** label, string key, int type);

    [LibraryImport(Library, EntryPoint = "freecon")]
    private static partial void Free(byte* label);

    [LibraryImport(Library, EntryPoint = "selabel_close")]
    private static partial void Close(nint handle);

    [StructLayout(LayoutKind.Sequential)]
    private struct SelinuxOption
    {
        public int Type;
        public byte* Value;
    }
}
