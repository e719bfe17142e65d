using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Hyper2Kvm.Daemon.Watching.Grouping.Formats;

/// <summary>The extents and the parent of a VMDK.</summary>
/// <remarks>VMware, "Virtual Disk Format 5.0" (2011), "The Descriptor File", "Hosted Sparse Extent Header", "ESX Server Sparse Extents".</remarks>
internal static partial class VmdkDescription
{
    private const int HeadBytes = 4096;
    private const int SectorBytes = 512;
    private const ulong NoParent = 0xffffffff;
    private const ulong LargestDisk = 1UL << 54; // sectors; beyond it a multiplication could wrap

    /// <summary>Reads one.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="content">Its content.</param>
    public static Description Read(string name, BoundedFile content)
    {
        var head = content.Read(0, HeadBytes).AsSpan();
        if (ExtentName().IsMatch(name) || head.StartsWith("COWD"u8) || head.StartsWith((ReadOnlySpan<byte>)[0xbe, 0xba, 0xfe, 0xca, 0, 0, 0, 0]))
        {
            return Description.Extent;
        }

        return head.StartsWith("KDMV"u8) && head.Length >= SectorBytes ? ReadSparse(head, content)
            : head.IndexOf("createType"u8) >= 0 && !head.Contains((byte)0) ? Parse(content.Read(0, BoundedFile.LongestText), embedded: false)
            : Description.None;
    }

    /// <summary>Name of the disk that an extent or a change-tracking file belongs to, by the way VMware calls them; <see langword="null"/> for another name.</summary>
    /// <param name="name">File name.</param>
    public static string? DiskOfExtent(string name) => ExtentName().Match(name) is { Success: true } match ? match.Groups["disk"].Value : null;

    private static Description ReadSparse(ReadOnlySpan<byte> head, BoundedFile content)
    {
        var offset = BinaryPrimitives.ReadUInt64LittleEndian(head[28..]);
        var sectors = BinaryPrimitives.ReadUInt64LittleEndian(head[36..]);
        return offset == 0 ? Description.Extent
            : offset > LargestDisk || sectors > LargestDisk ? Description.None
            : Parse(content.Read(offset * SectorBytes, sectors * SectorBytes), embedded: true);
    }

    private static Description Parse(ReadOnlySpan<byte> bytes, bool embedded)
    {
        var end = bytes.IndexOf((byte)0);
        var fields = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var references = new List<Reference>();
        foreach (var line in Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (ExtentLine().Match(line) is { Success: true } extent)
            {
                // An embedded line names the file itself, as it was called when it was made.
                if (!embedded)
                {
                    references.Add(new Reference(extent.Groups["name"].Value, ReferenceRole.Part));
                }
            }
            else if (line.Split('=', 2, StringSplitOptions.TrimEntries) is [var key, var value])
            {
                fields.TryAdd(key, value.Trim('"'));
            }
        }

        if (HasParent(fields) && fields.TryGetValue("parentFileNameHint", out var parent))
        {
            references.Add(new Reference(parent, ReferenceRole.Part));
        }

        if (fields.TryGetValue("changeTrackPath", out var tracking))
        {
            references.Add(new Reference(tracking, ReferenceRole.Optional));
        }

        return new Description { References = [.. references.Distinct()] };
    }

    private static bool HasParent(Dictionary<string, string> fields)
        => fields.TryGetValue("parentCID", out var text) && ulong.TryParse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var id) && id != NoParent;

    [GeneratedRegex(@"^(RW|RDONLY|NOACCESS)\s+[0-9]+\s+[A-Z]+\s+""(?<name>[^""]*)""", RegexOptions.ExplicitCapture)]
    private static partial Regex ExtentLine();

    [GeneratedRegex(@"^(?<disk>.+)(-flat|-delta|-sesparse|-rdmp?|-ctk|-[sf][0-9]{3,4})\.vmdk$", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex ExtentName();
}
