using System.Buffers.Binary;
using System.Text;
using Hyper2Kvm.Guest.Native;
using Microsoft.Win32.SafeHandles;

namespace Hyper2Kvm.Guest.Files;

/// <summary>Names in an open directory, by getdents64(2).</summary>
internal static unsafe class DirectoryEntries
{
    private const int BufferBytes = 32 * 1024;
    private const int LengthOffset = 16; // d_reclen, after d_ino and d_off
    private const int NameOffset = 19; // d_name, after d_type

    /// <summary>Reads all names but <c>.</c> and <c>..</c>, in no order.</summary>
    /// <param name="directory">A directory that is open for reading.</param>
    /// <param name="path">Its path, for messages.</param>
    public static List<string> Read(SafeFileHandle directory, string path)
    {
        var names = new List<string>();
        var buffer = new byte[BufferBytes];
        while (true)
        {
            nint count;
            fixed (byte* start = buffer)
            {
                count = NativeMethods.ReadDirectory(directory, start, BufferBytes);
            }

            if (count < 0)
            {
                throw GuestErrors.Of(path, "cannot be listed", SystemError.Last);
            }

            if (count == 0)
            {
                return names;
            }

            Collect(buffer.AsSpan(0, (int)count), names);
        }
    }

    private static void Collect(ReadOnlySpan<byte> entries, List<string> names)
    {
        while (entries.Length > NameOffset)
        {
            var length = BinaryPrimitives.ReadUInt16LittleEndian(entries[LengthOffset..]);
            var name = entries[NameOffset..length];
            name = name[..name.IndexOf((byte)0)];
            if (!name.SequenceEqual("."u8) && !name.SequenceEqual(".."u8))
            {
                names.Add(Encoding.UTF8.GetString(name));
            }

            entries = entries[length..];
        }
    }
}
