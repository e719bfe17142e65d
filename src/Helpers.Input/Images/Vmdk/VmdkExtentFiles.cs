using System.Buffers.Binary;
using Hyper2Kvm.Core.Errors;

namespace Hyper2Kvm.Helpers.Input.Images.Vmdk;

/// <summary>The extent files of a descriptor, each opened and checked.</summary>
internal static class VmdkExtentFiles
{
    /// <summary>Checks all of them: present, beside the descriptor, of the type and size that it says, and whole.</summary>
    /// <param name="descriptorFile">The descriptor's file.</param>
    /// <param name="descriptor">The descriptor.</param>
    /// <returns>Real paths with lengths in bytes, in the order of the disk.</returns>
    /// <exception cref="StepException">One is missing, elsewhere, truncated, damaged, or of a type that is not supported.</exception>
    public static IReadOnlyList<(string Path, long Length)> Check(SourceFile descriptorFile, VmdkDescriptor descriptor)
        => [.. descriptor.Extents.Select(extent => CheckOne(descriptorFile, extent))];

    private static (string Path, long Length) CheckOne(SourceFile descriptorFile, VmdkExtent extent)
    {
        if (extent.Access != "RW" || extent.FileName is null || !(extent.IsFlat || extent.Type is "SPARSE" or "VMFSSPARSE" or "SESPARSE"))
        {
            // QEMU leaves such lines out without a word: all that follows would be at a wrong place.
            throw new StepException(
                ErrorCodes.InputUnsupported,
                $"{descriptorFile.Path} has an extent '{extent.Access} {extent.Sectors} {extent.Type}'; supported are RW extents in files (FLAT, VMFS, SPARSE, VMFSSPARSE, SESPARSE)",
                "Clone the disk with VMware (vmkfstools -i, or vmware-vdiskmanager -r): a raw device or zero extent becomes a plain one.");
        }

        using var file = descriptorFile.OpenNeighbour(extent.FileName);
        if (extent.IsFlat)
        {
            file.RequireLength(extent.Offset * DiskImage.Sector, extent.Bytes, $"the extent of {extent.Sectors} sectors that {Path.GetFileName(descriptorFile.Path)} describes");
        }
        else if (CheckSparse(file, extent) is var sectors && sectors != extent.Sectors)
        {
            throw new StepException(ErrorCodes.InputCorrupt, $"{file.Path} has {sectors} sectors by its header, and {extent.Sectors} by the descriptor {descriptorFile.Path}");
        }

        return (file.RealPath, file.Length);
    }

    private static long CheckSparse(SourceFile file, VmdkExtent extent)
    {
        switch (extent.Type)
        {
            case "VMFSSPARSE":
                return EsxSparseExtent.CheckCowd(file);
            case "SESPARSE":
                return EsxSparseExtent.CheckSeSparse(file);
            default:
                if (BinaryPrimitives.ReadUInt32LittleEndian(file.Read(0, sizeof(uint), "the VMDK header")) != SparseExtentHeader.Magic)
                {
                    throw new StepException(ErrorCodes.InputCorrupt, $"{file.Path} is named as a SPARSE extent, and has no such header");
                }

                var header = HostedSparseExtent.ReadHeader(file);
                HostedSparseExtent.CheckGrains(file, header);
                return header.Capacity;
        }
    }
}
