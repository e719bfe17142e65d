using System.Buffers.Binary;
using System.Text;

namespace Hyper2Kvm.Daemon.Watching.Grouping.Formats;

/// <summary>The backing file of a qcow2 image.</summary>
/// <remarks>QEMU, docs/interop/qcow2.txt, "Header": backing_file_offset and backing_file_size.</remarks>
internal static class Qcow2Backing
{
    private const int HeaderBytes = 72;
    private const uint LongestName = 1023;

    /// <summary>Reads it.</summary>
    /// <param name="content">The image.</param>
    public static Description Read(BoundedFile content)
    {
        var header = content.Read(0, HeaderBytes).AsSpan();
        if (header.Length < HeaderBytes || !header.StartsWith((ReadOnlySpan<byte>)[0x51, 0x46, 0x49, 0xfb]))
        {
            return Description.None;
        }

        var offset = BinaryPrimitives.ReadUInt64BigEndian(header[8..]);
        var length = BinaryPrimitives.ReadUInt32BigEndian(header[16..]);
        return offset == 0 || length is 0 or > LongestName
            ? Description.None
            : new Description { References = [new Reference(Encoding.UTF8.GetString(content.Read(offset, length)), ReferenceRole.Part)] };
    }
}
