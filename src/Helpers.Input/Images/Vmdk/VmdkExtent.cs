namespace Hyper2Kvm.Helpers.Input.Images.Vmdk;

/// <summary>One extent line of a descriptor.</summary>
/// <param name="Access"><c>RW</c>, <c>RDONLY</c> or <c>NOACCESS</c>.</param>
/// <param name="Sectors">Its size, sectors of 512 bytes.</param>
/// <param name="Type"><c>FLAT</c>, <c>SPARSE</c>, <c>ZERO</c>, <c>VMFS</c>, <c>VMFSSPARSE</c>, <c>SESPARSE</c> …</param>
/// <param name="FileName">File as the line names it; none for <c>ZERO</c>.</param>
/// <param name="Offset">Where a flat extent begins in its file, sectors.</param>
internal sealed record VmdkExtent(string Access, long Sectors, string Type, string? FileName, long Offset)
{
    /// <summary>Whether the bytes stand in the file as they are.</summary>
    public bool IsFlat => Type is "FLAT" or "VMFS";

    /// <summary>Its size in bytes.</summary>
    public long Bytes => Sectors * DiskImage.Sector;
}
