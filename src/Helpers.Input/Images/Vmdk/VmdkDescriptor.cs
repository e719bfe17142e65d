using System.Globalization;
using System.Text;
using Hyper2Kvm.Core.Errors;

namespace Hyper2Kvm.Helpers.Input.Images.Vmdk;

/// <summary>The text that describes a VMDK: what kind it is, and which files hold its data.</summary>
/// <remarks>VMware, "Virtual Disk Format 5.0" (2011), section "The Descriptor File" with "The Header", "The Extents" and "The Disk Database".</remarks>
internal sealed record VmdkDescriptor
{
    /// <summary>Content id that says "no parent" ("The Header", parentCID: CID_NOPARENT).</summary>
    public const uint NoParent = 0xffffffff;

    /// <summary>Longest descriptor that is read, bytes: what QEMU takes (block/vmdk.c, vmdk_read_desc).</summary>
    public const int LongestBytes = (1 << 20) - 1;

    /// <summary>Content id, changed by VMware with every first write after opening.</summary>
    public uint ContentId { get; private init; } = NoParent;

    /// <summary>Content id that the parent had when this one was made.</summary>
    public uint ParentContentId { get; private init; } = NoParent;

    /// <summary>Kind of the disk, <c>monolithicSparse</c> ….</summary>
    public required string CreateType { get; init; }

    /// <summary>File name of the parent's descriptor.</summary>
    public string? ParentFileName { get; private init; }

    /// <summary>Adapter that the disk hung on, from the disk database: <c>ide</c>, <c>lsilogic</c>, <c>buslogic</c>, <c>pvscsi</c> ….</summary>
    public string? AdapterType { get; private init; }

    /// <summary>Extents in the order of the disk.</summary>
    public required IReadOnlyList<VmdkExtent> Extents { get; init; }

    /// <summary>Whether it is a difference to a parent.</summary>
    public bool HasParent => ParentContentId != NoParent;

    /// <summary>Size of the disk by its extents, bytes.</summary>
    public long Bytes => Extents.Sum(extent => extent.Bytes);

    /// <summary>Reads a descriptor.</summary>
    /// <param name="bytes">Its text; zeros after it are ignored.</param>
    /// <param name="path">The file, for messages.</param>
    /// <exception cref="StepException">It is not a descriptor (<see cref="ErrorCodes.InputFormat"/>), or a damaged one (<see cref="ErrorCodes.InputCorrupt"/>).</exception>
    public static VmdkDescriptor Parse(ReadOnlySpan<byte> bytes, string path)
    {
        var end = bytes.IndexOf((byte)0);
        var fields = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var extents = new List<VmdkExtent>();
        foreach (var line in Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith('#'))
            {
                continue;
            }

            if (VmdkExtentLine.TryParse(line, path) is { } extent)
            {
                extents.Add(extent);
            }
            else if (line.Split('=', 2, StringSplitOptions.TrimEntries) is [var key, var value])
            {
                fields.TryAdd(key, value.Trim('"'));
            }
        }

        var createType = fields.GetValueOrDefault("createType")
            ?? throw new StepException(ErrorCodes.InputFormat, $"{path} has no createType: it is no VMDK descriptor, or only one extent of a disk", "Name the disk's descriptor (the small text file NAME.vmdk).");
        if (extents.Count == 0 || extents.Sum(extent => (decimal)extent.Bytes) > DiskImage.LargestBytes)
        {
            throw new StepException(ErrorCodes.InputCorrupt, $"{path}: its extents make no disk of a plausible size");
        }

        return new VmdkDescriptor
        {
            CreateType = createType,
            Extents = extents,
            ContentId = Id(fields, "CID", path),
            ParentContentId = Id(fields, "parentCID", path),
            ParentFileName = fields.GetValueOrDefault("parentFileNameHint"),
            AdapterType = fields.GetValueOrDefault("ddb.adapterType"),
        };
    }

    private static uint Id(Dictionary<string, string> fields, string name, string path)
        => !fields.TryGetValue(name, out var text)
            ? NoParent
            : uint.TryParse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var id)
                ? id
                : throw new StepException(ErrorCodes.InputCorrupt, $"{path}: {name}={text} is not a number");
}
