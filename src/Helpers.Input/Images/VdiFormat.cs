using System.Buffers.Binary;
using Hyper2Kvm.Core.Errors;

namespace Hyper2Kvm.Helpers.Input.Images;

/// <summary>VirtualBox's VDI.</summary>
/// <remarks>Header: VirtualBox, src/VBox/Storage/VDICore.h, VDIPREHEADER and VDIHEADER1PLUS; QEMU block/vdi.c.</remarks>
internal sealed class VdiFormat : IImageFormat
{
    private const uint Signature = 0xbeda107f;
    private const uint Version11 = 0x00010001;
    private const int HeaderBytes = 512;
    private const uint DynamicImage = 1;
    private const uint StaticImage = 2;
    private const uint SupportedBlockBytes = 1 << 20;
    private const uint FirstUnallocated = 0xfffffffe; // VDI_IMAGE_BLOCK_ZERO; 0xffffffff is VDI_IMAGE_BLOCK_FREE

    /// <inheritdoc/>
    public string Name => "vdi";

    /// <inheritdoc/>
    public string Title => "a VirtualBox disk (VDI)";

    /// <inheritdoc/>
    public bool Recognises(SourceFile file)
    {
        var head = file.Head(HeaderBytes);
        return head.Length >= 0x48 && BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(0x40)) == Signature;
    }

    /// <inheritdoc/>
    public DiskImage Read(SourceFile file)
    {
        var header = file.Read(0, HeaderBytes, "the VDI header").AsSpan();
        var version = BinaryPrimitives.ReadUInt32LittleEndian(header[0x44..]);
        var type = BinaryPrimitives.ReadUInt32LittleEndian(header[0x4c..]);
        if (version != Version11)
        {
            throw new StepException(ErrorCodes.InputUnsupported, $"{file.Path} is a VDI of version {version >> 16}.{version & 0xffff}; 1.1 is supported");
        }

        if (type is not (DynamicImage or StaticImage))
        {
            throw new StepException(ErrorCodes.InputUnsupported, $"{file.Path} is a difference to another disk (a VirtualBox snapshot, VDI type {type})", "Merge the snapshots in VirtualBox, or clone the disk: VBoxManage clonemedium.");
        }

        var mapOffset = BinaryPrimitives.ReadUInt32LittleEndian(header[0x154..]);
        var dataOffset = BinaryPrimitives.ReadUInt32LittleEndian(header[0x158..]);
        var size = DiskImage.CheckSize(file.Path, BinaryPrimitives.ReadUInt64LittleEndian(header[0x170..]));
        var blockBytes = BinaryPrimitives.ReadUInt32LittleEndian(header[0x178..]);
        var blocks = BinaryPrimitives.ReadUInt32LittleEndian(header[0x180..]);
        if (blockBytes != SupportedBlockBytes)
        {
            throw new StepException(ErrorCodes.InputUnsupported, $"{file.Path} has blocks of {blockBytes} bytes; 1 MiB is supported");
        }

        if (blocks < (size + blockBytes - 1) / blockBytes)
        {
            throw new StepException(ErrorCodes.InputCorrupt, $"{file.Path}: its {blocks} blocks of {blockBytes} bytes are less than its disk of {size} bytes");
        }

        CheckMap(file, mapOffset, dataOffset, blocks);
        return new DiskImage
        {
            Path = file.Path,
            Format = Name,
            VirtualBytes = size,
            Node = new QemuNode(Name, file.RealPath),
            Files = [file.RealPath],
            Hypervisor = "virtualbox",
        };
    }

    private static void CheckMap(SourceFile file, uint mapOffset, uint dataOffset, uint blocks)
    {
        var last = TableWalk.Highest(file, mapOffset, blocks, "the block map of the VDI", entry => entry < FirstUnallocated ? entry : -1);
        if (last.Value >= 0)
        {
            file.RequireLength(dataOffset + (last.Value * SupportedBlockBytes), SupportedBlockBytes, $"block {last.Index} of the disk");
        }
    }
}
