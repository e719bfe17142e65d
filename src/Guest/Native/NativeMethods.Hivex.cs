using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Hyper2Kvm.Guest.Native;

/// <content>hivex(3), and the memory that hives are kept in. Keys and values are numbers, 0 for none; arrays end with 0 and are freed by the caller.</content>
internal static unsafe partial class NativeMethods
{
    /// <summary>The library of hivex (Debian: libhivex0), by its soname; it may be absent.</summary>
    public const string HivexLibrary = "libhivex.so.0";

    public const int HivexWrite = 4; // HIVEX_OPEN_WRITE

    private const uint MemoryFileCloseOnExec = 1; // MFD_CLOEXEC

    /// <summary>A file in memory, never inherited (memfd_create(2)); invalid and errno on failure.</summary>
    public static SafeFileHandle MemoryFile(string name) => new(MemfdCreate(name, MemoryFileCloseOnExec), ownsHandle: true);

    [LibraryImport(HivexLibrary, EntryPoint = "hivex_open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint HivexOpen(string path, int flags);

    [LibraryImport(HivexLibrary, EntryPoint = "hivex_close")]
    public static partial int HivexClose(nint hive);

    [LibraryImport(HivexLibrary, EntryPoint = "hivex_commit", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int HivexCommit(nint hive, string path, int flags);

    [LibraryImport(HivexLibrary, EntryPoint = "hivex_root", SetLastError = true)]
    public static partial nuint HivexRoot(nint hive);

    [LibraryImport(HivexLibrary, EntryPoint = "hivex_node_name", SetLastError = true)]
    public static partial byte* HivexNodeName(nint hive, nuint node);

    [LibraryImport(HivexLibrary, EntryPoint = "hivex_node_children", SetLastError = true)]
    public static partial nuint* HivexNodeChildren(nint hive, nuint node);

    [LibraryImport(HivexLibrary, EntryPoint = "hivex_node_get_child", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nuint HivexNodeGetChild(nint hive, nuint node, string name);

    [LibraryImport(HivexLibrary, EntryPoint = "hivex_node_add_child", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nuint HivexNodeAddChild(nint hive, nuint parent, string name);

    [LibraryImport(HivexLibrary, EntryPoint = "hivex_node_delete_child", SetLastError = true)]
    public static partial int HivexNodeDeleteChild(nint hive, nuint node);

    [LibraryImport(HivexLibrary, EntryPoint = "hivex_node_values", SetLastError = true)]
    public static partial nuint* HivexNodeValues(nint hive, nuint node);

    [LibraryImport(HivexLibrary, EntryPoint = "hivex_node_get_value", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nuint HivexNodeGetValue(nint hive, nuint node, string name);

    [LibraryImport(HivexLibrary, EntryPoint = "hivex_node_set_values", SetLastError = true)]
    public static partial int HivexNodeSetValues(nint hive, nuint node, nuint count, HivexSetValue* values, int flags);

    [LibraryImport(HivexLibrary, EntryPoint = "hivex_value_key", SetLastError = true)]
    public static partial byte* HivexValueName(nint hive, nuint value);

    [LibraryImport(HivexLibrary, EntryPoint = "hivex_value_value", SetLastError = true)]
    public static partial byte* HivexValueData(nint hive, nuint value, int* type, nuint* length);

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MemfdCreate(string name, uint flags);

    /// <summary>hivex.h, struct hive_set_value.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct HivexSetValue
    {
        public byte* Name;
        public int Type;
        public nuint Length;
        public byte* Data;
    }
}
