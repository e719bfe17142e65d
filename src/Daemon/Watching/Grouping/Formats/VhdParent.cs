using System.Buffers.Binary;
using System.Text;

namespace Hyper2Kvm.Daemon.Watching.Grouping.Formats;

/// <summary>The parent of a differencing VHD.</summary>
/// <remarks>Microsoft, "Virtual Hard Disk Image Format Specification" 1.0 (2006), "Hard Disk Footer Format", "Dynamic Disk Header Format" (Parent Unicode Name).</remarks>
internal static class VhdParent
{
    private const int FooterBytes = 512;
    private const int HeaderBytes = 1024;
    private const uint DifferencingDisk = 4;

    /// <summary>Reads it.</summary>
    /// <param name="content">The disk.</param>
    /// <exception cref="FormatException">The disk is cut.</exception>
    public static Description Read(BoundedFile content)
    {
        // All but fixed disks, which have no parent, begin with a copy of their footer.
        var footer = content.Read(0, FooterBytes).AsSpan();
        if (footer.Length < FooterBytes || !footer.StartsWith("conectix"u8) || BinaryPrimitives.ReadUInt32BigEndian(footer[60..]) != DifferencingDisk)
        {
            return Description.None;
        }

        var header = content.ReadAll(BinaryPrimitives.ReadUInt64BigEndian(footer[16..]), HeaderBytes);
        var name = Encoding.BigEndianUnicode.GetString(header, 64, 512);
        return new Description { References = [new Reference(name.Split('\0')[0], ReferenceRole.Part, ByFileName: true)] };
    }
}
