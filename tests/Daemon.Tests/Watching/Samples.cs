using System.Buffers.Binary;
using System.Text;

namespace Hyper2Kvm.Daemon.Tests.Watching;

/// <summary>Small files of each kind that names others.</summary>
internal static class Samples
{
    public static string Vmdk(string extents, string? parent = null, string? tracking = null) => string.Join('\n',
    [
        "# Disk DescriptorFile",
        "version=1",
        "CID=fffffffe",
        parent is null ? "parentCID=ffffffff" : "parentCID=12345678",
        "createType=\"monolithicFlat\"",
        parent is null ? "" : $"parentFileNameHint=\"{parent}\"",
        tracking is null ? "" : $"changeTrackPath=\"{tracking}\"",
        .. extents.Split(' ').Select(extent => $"RW 2048 FLAT \"{extent}\" 0"),
        "ddb.adapterType = \"lsilogic\"",
    ]);

    /// <summary>A sparse VMDK with its descriptor inside, or one that is only an extent.</summary>
    public static byte[] SparseVmdk(string? embedded)
    {
        var file = new byte[4096];
        Encoding.ASCII.GetBytes("KDMV", file);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(28), embedded is null ? 0UL : 1);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(36), embedded is null ? 0UL : 7);
        Encoding.UTF8.GetBytes(embedded ?? "", file.AsSpan(512));
        return file;
    }

    public static string Ovf(params string[] hrefs) => $"""
        <?xml version="1.0"?>
        <Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1">
          <References>{string.Concat(hrefs.Select((href, index) => $"<File ovf:id=\"file{index}\" ovf:href=\"{href}\"/>"))}</References>
          <DiskSection>{string.Concat(hrefs.Select((href, index) => href.EndsWith(".iso") ? "" : $"<Disk ovf:diskId=\"disk{index}\" ovf:fileRef=\"file{index}\"/>"))}</DiskSection>
        </Envelope>
        """;

    public static string Vmx(params string[] disks) => string.Join('\n',
    [
        "displayName = \"guest\"",
        .. disks.SelectMany((disk, index) => new[] { $"scsi0:{index}.present = \"TRUE\"", $"scsi0:{index}.fileName = \"{disk}\"" }),
        "ide1:0.present = \"TRUE\"",
        "ide1:0.deviceType = \"cdrom-image\"",
        "ide1:0.fileName = \"/usr/lib/vmware/isoimages/linux.iso\"",
    ]);

    /// <summary>A differencing VHD.</summary>
    public static byte[] DifferencingVhd(string parent)
    {
        var file = new byte[2048];
        Encoding.ASCII.GetBytes("conectix", file);
        BinaryPrimitives.WriteUInt64BigEndian(file.AsSpan(16), 512);
        BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan(60), 4);
        Encoding.BigEndianUnicode.GetBytes(parent, file.AsSpan(512 + 64));
        return file;
    }

    /// <summary>A differencing VHDX: its region table at 192 KiB, its metadata at 256 KiB.</summary>
    public static byte[] DifferencingVhdx(string parent)
    {
        const int Regions = 192 * 1024, Metadata = 256 * 1024, Locator = Metadata + (64 * 1024);
        var file = new byte[Locator + 4096];
        Encoding.ASCII.GetBytes("vhdxfile", file);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(Regions + 8), 1);
        new Guid("8B7CA206-4790-4B9A-B8FE-575F050F886E").TryWriteBytes(file.AsSpan(Regions + 16));
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(Regions + 32), Metadata);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(Metadata + 10), 1);
        new Guid("A8D35F2D-B30B-454D-ABF7-D3D84834AB0C").TryWriteBytes(file.AsSpan(Metadata + 32));
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(Metadata + 48), Locator - Metadata);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(Metadata + 52), 4096);
        const string Key = "relative_path";
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(Locator + 18), 1);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(Locator + 20), 64);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(Locator + 24), 256);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(Locator + 28), (ushort)(Key.Length * 2));
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(Locator + 30), (ushort)(parent.Length * 2));
        Encoding.Unicode.GetBytes(Key, file.AsSpan(Locator + 64));
        Encoding.Unicode.GetBytes(parent, file.AsSpan(Locator + 256));
        return file;
    }

    public static byte[] Qcow2(string backing)
    {
        var file = new byte[1024];
        ((ReadOnlySpan<byte>)[0x51, 0x46, 0x49, 0xfb]).CopyTo(file);
        BinaryPrimitives.WriteUInt64BigEndian(file.AsSpan(8), 512);
        BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(16), backing.Length);
        Encoding.UTF8.GetBytes(backing, file.AsSpan(512));
        return file;
    }

    public static string Vbox(string current, string parent) => $"""
        <?xml version="1.0"?>
        <VirtualBox xmlns="http://www.virtualbox.org/" version="1.19-linux">
          <Machine uuid="m" name="guest">
            <MediaRegistry><HardDisks>
              <HardDisk uuid="base" location="{parent}" format="VDI"><HardDisk uuid="leaf" location="{current}" format="VDI"/></HardDisk>
              <HardDisk uuid="data" location="data.vdi" format="VDI"/>
            </HardDisks></MediaRegistry>
            <Snapshot uuid="s"><Hardware><StorageControllers><StorageController>
              <AttachedDevice type="HardDisk" port="0"><Image uuid="base"/></AttachedDevice>
            </StorageController></StorageControllers></Hardware></Snapshot>
            <Hardware><StorageControllers><StorageController>
              <AttachedDevice type="HardDisk" port="0"><Image uuid="leaf"/></AttachedDevice>
              <AttachedDevice type="HardDisk" port="1"><Image uuid="data"/></AttachedDevice>
            </StorageController></StorageControllers></Hardware>
          </Machine>
        </VirtualBox>
        """;

    public static string HypervXml(params string[] paths)
        => $"<?xml version=\"1.0\"?><configuration>{string.Concat(paths.Select((path, index) => $"<drive{index}><pathname type=\"string\">{path}</pathname></drive{index}>"))}</configuration>";
}
