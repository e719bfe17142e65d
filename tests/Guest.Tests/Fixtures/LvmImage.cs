using System.Buffers.Binary;
using System.Text;
using Hyper2Kvm.Guest.Attach;
using Hyper2Kvm.Guest.Volumes;
using Hyper2Kvm.Guest.Volumes.Lvm;

namespace Hyper2Kvm.Guest.Tests.Fixtures;

/// <summary>Disks of one volume group, written without any tool: for tests that need a system on LVM in a second. Real tools' disks are in <see cref="StorageImages"/>.</summary>
internal sealed class LvmImage
{
    private const int Sector = 512;
    private const int AreaStart = 4096;
    private const int AreaLength = 1020 * 1024;
    private const int ExtentSectors = 2048;

    private readonly string[] _paths;

    /// <summary>Makes the disks; extents of 1 MiB begin at 1 MiB.</summary>
    /// <param name="paths">The disks.</param>
    /// <param name="mebibytes">Size of each.</param>
    /// <param name="group">Name of the group.</param>
    /// <param name="volumes">For each volume its name, length in extents, and the rest of its one segment.</param>
    public LvmImage(string[] paths, int mebibytes, string group, params (string Name, int Extents, string Segment)[] volumes)
    {
        _paths = paths;
        var text = Text(group, paths.Length, mebibytes - 1, volumes);
        for (var number = 0; number < paths.Length; number++)
        {
            using var file = File.Create(paths[number]);
            file.SetLength((long)mebibytes << 20);
            file.Write(Head(Id('P', number), (ulong)mebibytes << 20, text));
        }
    }

    /// <summary>Copies a file into a volume.</summary>
    public LvmImage With(string volume, string image)
    {
        var disks = _paths.Select((path, index) => AttachedDisk.Open(index, GuestDiskSource.Raw(path), null)).ToList();
        try
        {
            var map = VolumeDiscovery.Discover(disks).Volumes.Single(one => one.Device.EndsWith($"/{volume}", StringComparison.Ordinal)).Map!;
            new WritableMappedDisk(map, [.. map.Disks.Select(disk => disks[disk])]).Write(0, File.ReadAllBytes(image));
        }
        finally
        {
            disks.ForEach(disk => disk.Dispose());
        }

        return this;
    }

    private static string Id(char letter, int number) => $"{new string(letter, 31)}{number}";

    private static byte[] Text(string group, int disks, int extents, (string Name, int Extents, string Segment)[] volumes) => Encoding.ASCII.GetBytes($$"""
        {{group}} { id = "{{Id('G', 0)}}" seqno = 1 status = ["RESIZEABLE", "READ", "WRITE"] extent_size = {{ExtentSectors}}
        physical_volumes { {{string.Join('\n', Enumerable.Range(0, disks).Select(number => $"pv{number} {{ id = \"{Id('P', number)}\" pe_start = {ExtentSectors} pe_count = {extents} }}"))}} }
        logical_volumes { {{string.Join('\n', volumes.Select((volume, number) =>
            $"{volume.Name} {{ id = \"{Id('L', number)}\" status = [\"READ\", \"WRITE\", \"VISIBLE\"] segment1 {{ start_extent = 0 extent_count = {volume.Extents} {volume.Segment} }} }}"))}} }
        }
        """ + "\n\0");

    /// <summary>Label in sector 1, one metadata area behind it.</summary>
    private static byte[] Head(string id, ulong length, byte[] text)
    {
        var head = new byte[AreaStart + AreaLength];
        var label = head.AsSpan(Sector, Sector);
        "LABELONE"u8.CopyTo(label);
        label[8] = 1;
        label[20] = 32;
        "LVM2 001"u8.CopyTo(label[24..]);
        Encoding.ASCII.GetBytes(id).CopyTo(label[32..]);
        ulong[] numbers = [length, AreaStart + AreaLength, 0, 0, 0, AreaStart, AreaLength, 0, 0];
        for (var index = 0; index < numbers.Length; index++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(label[(64 + (index * 8))..], numbers[index]);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(label[16..], LvmChecksum.Add(LvmChecksum.Initial, label[20..]));

        var area = head.AsSpan(AreaStart, Sector);
        " LVM2 x[5A%r0N*>"u8.CopyTo(area[4..]);
        area[20] = 1;
        BinaryPrimitives.WriteUInt64LittleEndian(area[24..], AreaStart);
        BinaryPrimitives.WriteUInt64LittleEndian(area[32..], AreaLength);
        BinaryPrimitives.WriteUInt64LittleEndian(area[40..], Sector);
        BinaryPrimitives.WriteUInt64LittleEndian(area[48..], (ulong)text.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(area[56..], LvmChecksum.Add(LvmChecksum.Initial, text));
        BinaryPrimitives.WriteUInt32LittleEndian(area, LvmChecksum.Add(LvmChecksum.Initial, area[4..]));
        text.CopyTo(head, AreaStart + Sector);
        return head;
    }
}
