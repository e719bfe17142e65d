using System.Runtime.InteropServices;
using System.Text;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest.Native;

namespace Hyper2Kvm.Guest.Registry;

/// <summary>A hive that hivex(3) has open; what it gives is copied and freed here. 0 is no key and no value.</summary>
internal sealed unsafe class HivexHandle : SafeHandle
{
    private HivexHandle(nint hive)
        : base(0, ownsHandle: true) => SetHandle(hive);

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <summary>The key that all others lie in.</summary>
    public nuint Root => Found(NativeMethods.HivexRoot(handle));

    /// <summary>Opens a hive; all of it is checked.</summary>
    /// <param name="path">Its path on this host.</param>
    /// <param name="writable">Whether it may be changed, in memory.</param>
    /// <exception cref="HivexFailure">It is none, or damaged.</exception>
    /// <exception cref="StepException">The library is not installed (<see cref="ErrorCodes.ToolMissing"/>).</exception>
    public static HivexHandle Open(string path, bool writable)
    {
        if (!NativeLibrary.TryLoad(NativeMethods.HivexLibrary, typeof(HivexHandle).Assembly, DllImportSearchPath.SafeDirectories, out _))
        {
            throw new StepException(ErrorCodes.ToolMissing, $"{NativeMethods.HivexLibrary} is not installed: the registry of Windows cannot be read", "Run: apt-get install libhivex0");
        }

        var hive = NativeMethods.HivexOpen(path, writable ? NativeMethods.HivexWrite : 0);
        return hive != 0 ? new HivexHandle(hive) : throw HivexFailure.Last();
    }

    /// <summary>Writes the hive with all changes to a file.</summary>
    public void Commit(string path) => Done(NativeMethods.HivexCommit(handle, path, 0));

    /// <summary>The keys in a key.</summary>
    public nuint[] Children(nuint key) => Taken(NativeMethods.HivexNodeChildren(handle, key));

    /// <summary>The name of a key.</summary>
    public string NameOf(nuint key) => Taken(NativeMethods.HivexNodeName(handle, key));

    /// <summary>The key of a name in a key; letters of either case are the same.</summary>
    public nuint Child(nuint key, string name) => FoundOrNone(NativeMethods.HivexNodeGetChild(handle, key, name));

    /// <summary>Makes a key in a key.</summary>
    public nuint AddChild(nuint key, string name) => Found(NativeMethods.HivexNodeAddChild(handle, key, name));

    /// <summary>Removes a key with all that is in it.</summary>
    public void Delete(nuint key) => Done(NativeMethods.HivexNodeDeleteChild(handle, key));

    /// <summary>The values of a key.</summary>
    public nuint[] Values(nuint key) => Taken(NativeMethods.HivexNodeValues(handle, key));

    /// <summary>The value of a name in a key; letters of either case are the same.</summary>
    public nuint Value(nuint key, string name) => FoundOrNone(NativeMethods.HivexNodeGetValue(handle, key, name));

    /// <summary>What a value holds.</summary>
    public RegistryValue Read(nuint value)
    {
        var name = Taken(NativeMethods.HivexValueName(handle, value));
        int type;
        nuint length;
        var data = NativeMethods.HivexValueData(handle, value, &type, &length);
        if (data is null)
        {
            throw HivexFailure.Last();
        }

        var bytes = new ReadOnlySpan<byte>(data, checked((int)length)).ToArray();
        NativeMemory.Free(data);
        return new RegistryValue(name, (RegistryType)type, bytes);
    }

    /// <summary>Puts values in the place of all that a key has.</summary>
    public void SetValues(nuint key, IReadOnlyList<RegistryValue> values)
    {
        var pinned = new List<GCHandle>();
        byte* Pin(byte[] bytes)
        {
            pinned.Add(GCHandle.Alloc(bytes, GCHandleType.Pinned));
            return (byte*)pinned[^1].AddrOfPinnedObject();
        }

        try
        {
            var given = new NativeMethods.HivexSetValue[values.Count];
            for (var index = 0; index < given.Length; index++)
            {
                var value = values[index];
                given[index] = new() { Name = Pin(Encoding.UTF8.GetBytes(value.Name + '\0')), Type = (int)value.Type, Length = (nuint)value.Data.Length, Data = Pin(value.Data) };
            }

            fixed (NativeMethods.HivexSetValue* first = given)
            {
                Done(NativeMethods.HivexNodeSetValues(handle, key, (nuint)given.Length, first, 0));
            }
        }
        finally
        {
            pinned.ForEach(bytes => bytes.Free());
        }
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => NativeMethods.HivexClose(handle) == 0;

    private static void Done(int status)
    {
        if (status != 0)
        {
            throw HivexFailure.Last();
        }
    }

    private static nuint Found(nuint number) => number != 0 ? number : throw HivexFailure.Last();

    /// <summary>hivex sets no errno where there is nothing of the name.</summary>
    private static nuint FoundOrNone(nuint number) => number != 0 || SystemError.Last == 0 ? number : throw HivexFailure.Last();

    private static string Taken(byte* text)
    {
        if (text is null)
        {
            throw HivexFailure.Last();
        }

        var copy = Encoding.UTF8.GetString(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(text));
        NativeMemory.Free(text);
        return copy;
    }

    private static nuint[] Taken(nuint* numbers)
    {
        if (numbers is null)
        {
            throw HivexFailure.Last();
        }

        var count = 0;
        while (numbers[count] != 0)
        {
            count++;
        }

        var copy = new ReadOnlySpan<nuint>(numbers, count).ToArray();
        NativeMemory.Free(numbers);
        return copy;
    }
}
