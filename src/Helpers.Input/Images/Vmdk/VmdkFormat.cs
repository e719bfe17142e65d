using System.Buffers.Binary;
using System.Text.RegularExpressions;
using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;

namespace Hyper2Kvm.Helpers.Input.Images.Vmdk;

/// <summary>VMware's VMDK: a descriptor file with extents, or a sparse file with the descriptor inside.</summary>
/// <remarks>VMware, "Virtual Disk Format 5.0" (2011). What QEMU reads of it: block/vmdk.c.</remarks>
internal sealed partial class VmdkFormat : IImageFormat
{
    private const int LongestChain = 255; // VMware itself takes 32 snapshots
    private const int HeadBytes = 4096;

    /// <summary>Kinds with a descriptor file of their own that QEMU reads (block/vmdk.c, vmdk_open_desc_file).</summary>
    private static readonly string[] SplitTypes = ["monolithicFlat", "vmfs", "vmfsSparse", "seSparse", "twoGbMaxExtentSparse", "twoGbMaxExtentFlat"];

    /// <inheritdoc/>
    public string Name => "vmdk";

    /// <inheritdoc/>
    public string Title => "a VMDK disk";

    /// <inheritdoc/>
    public bool Recognises(SourceFile file)
    {
        var head = file.Head(HeadBytes);
        return IsSparse(head)
            || (head.Length >= sizeof(uint) && BinaryPrimitives.ReadUInt32LittleEndian(head) == EsxSparseExtent.CowdMagic)
            || (KnownContent.IsText(file) || head.AsSpan().StartsWith("# Disk DescriptorFile"u8) ? head.AsSpan().IndexOf("createType"u8) >= 0 : false);
    }

    /// <inheritdoc/>
    public string? MistakeHint(SourceFile file)
        => ExtentName().IsMatch(file.Path) ? "This looks like one extent of a disk: name its descriptor, the small NAME.vmdk beside it." : null;

    /// <inheritdoc/>
    public DiskImage Read(SourceFile file) => Read(file, 0);

    private static bool IsSparse(ReadOnlySpan<byte> head)
        => head.Length >= sizeof(uint) && BinaryPrimitives.ReadUInt32LittleEndian(head) == SparseExtentHeader.Magic;

    private DiskImage Read(SourceFile file, int depth)
    {
        var image = IsSparse(file.Head(sizeof(uint))) ? ReadMonolithic(file, out var descriptor) : ReadSplit(file, out descriptor);
        if (!descriptor.HasParent)
        {
            return image;
        }

        using var parentFile = OpenParent(file, descriptor, depth);
        var parent = Read(parentFile, depth + 1);
        if (ContentId(parentFile) != descriptor.ParentContentId)
        {
            throw new StepException(
                ErrorCodes.InputCorrupt,
                $"{file.Path} is a snapshot of {parentFile.Path}, which was changed after it (content id {ContentId(parentFile):x8}, not {descriptor.ParentContentId:x8})",
                "Copy all files of the guest again, while it is shut down.");
        }

        return image with
        {
            Node = image.Node with { Backing = parent.Node },
            Files = [.. image.Files, .. parent.Files],
            Plain = null,
            Stream = null,
            NotInPlace = "it is a snapshot, and writing it would not change its parent; consolidate the snapshots first",
        };
    }

    private DiskImage ReadMonolithic(SourceFile file, out VmdkDescriptor descriptor)
    {
        var header = HostedSparseExtent.ReadHeader(file);
        descriptor = ReadEmbedded(file);
        HostedSparseExtent.CheckGrains(file, header);

        // The embedded extent line names the file as it was called when it was made: nothing is to be looked up by it.
        var image = Describe(file, descriptor, DiskImage.CheckSize(file.Path, (ulong)header.Capacity * DiskImage.Sector));
        return image with
        {
            Stream = header.IsStream && descriptor.CreateType == "streamOptimized" ? file.RealPath : null,
            NotInPlace = header switch
            {
                { IsCompressed: true } => "QEMU does not rewrite a stream-optimised VMDK",
                { Version: 3 } => "QEMU writes VMDK of version 1 and 2 only",
                _ => null,
            },
        };
    }

    private DiskImage ReadSplit(SourceFile file, out VmdkDescriptor descriptor)
    {
        descriptor = ReadDescriptor(file);
        if (!SplitTypes.Contains(descriptor.CreateType))
        {
            throw new StepException(
                ErrorCodes.InputUnsupported,
                $"{file.Path} is a VMDK of the kind {descriptor.CreateType}; supported are monolithicSparse, streamOptimized, {string.Join(", ", SplitTypes)}",
                "Clone the disk with VMware into one of these.");
        }

        var extents = VmdkExtentFiles.Check(file, descriptor);
        var writable = descriptor.Extents.All(extent => extent.Type is "FLAT" or "VMFS" or "SPARSE");
        return Describe(file, descriptor, descriptor.Bytes) with
        {
            Files = [file.RealPath, .. extents.Select(extent => extent.Path)],
            Plain = Plain(descriptor, extents),
            NotInPlace = writable ? null : "QEMU does not write the sparse extents of ESX",
        };
    }

    private DiskImage Describe(SourceFile file, VmdkDescriptor descriptor, long bytes) => new()
    {
        Path = file.Path,
        Format = Name,
        VirtualBytes = bytes,
        Node = new QemuNode(Name, file.RealPath) { CanHaveBacking = true },
        Files = [file.RealPath],
        Hypervisor = "vmware",
        Bus = descriptor.AdapterType switch
        {
            null => DiskBus.Unknown,
            "ide" => DiskBus.Ide,
            _ => DiskBus.Scsi, // lsilogic, buslogic, legacyESX, pvscsi, lsisas1068
        },
    };

    /// <summary>A single flat extent from the start of its file needs no QEMU.</summary>
    /// <remarks>
    /// Several do: nbdkit's split plugin (seen in 1.32.5) counts an extent that reaches beyond the query below zero, and crashes
    /// as soon as the cow filter asks it; its writes to a second file go to the wrong place.
    /// </remarks>
    private static PlainFile? Plain(VmdkDescriptor descriptor, IReadOnlyList<(string Path, long Length)> files)
        => descriptor.Extents is [{ IsFlat: true, Offset: 0 }] ? new PlainFile(files[0].Path, files[0].Length) : null;

    private static SourceFile OpenParent(SourceFile file, VmdkDescriptor descriptor, int depth)
    {
        if (depth >= LongestChain)
        {
            throw new StepException(ErrorCodes.InputCorrupt, $"{file.Path}: the chain of snapshots is longer than {LongestChain}, or goes round");
        }

        return descriptor.ParentFileName is { } name
            ? file.OpenNeighbour(name)
            : throw new StepException(ErrorCodes.InputCorrupt, $"{file.Path} is a snapshot, and does not name the disk that it belongs to");
    }

    private static uint ContentId(SourceFile file) => (IsSparse(file.Head(sizeof(uint))) ? ReadEmbedded(file) : ReadDescriptor(file)).ContentId;

    private static VmdkDescriptor ReadEmbedded(SourceFile file)
    {
        // From the header at the start, also in a stream: the footer's copy need not have it.
        var header = SparseExtentHeader.Parse(file.Read(0, SparseExtentHeader.Bytes, "the VMDK header"), file.Path);
        var length = Math.Min(header.DescriptorSize * DiskImage.Sector, VmdkDescriptor.LongestBytes);
        var text = header.DescriptorOffset == 0 ? [] : file.Read(header.DescriptorOffset * DiskImage.Sector, (int)length, "the descriptor");
        return VmdkDescriptor.Parse(text, file.Path);
    }

    private static VmdkDescriptor ReadDescriptor(SourceFile file)
        => VmdkDescriptor.Parse(file.Head(VmdkDescriptor.LongestBytes), file.Path);

    [GeneratedRegex(@"(-flat|-delta|-sesparse|-[sf]\d{3})\.vmdk$", RegexOptions.IgnoreCase)]
    private static partial Regex ExtentName();
}
