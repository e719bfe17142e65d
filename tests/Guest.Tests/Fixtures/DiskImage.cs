namespace Hyper2Kvm.Guest.Tests.Fixtures;

/// <summary>Builds raw disk images with Debian's own tools: a sparse file, sfdisk, and file systems made apart and put in their places.</summary>
internal sealed class DiskImage(ScratchDirectory scratch, string name)
{
    public const long MiB = 1024 * 1024;

    public string Path { get; } = scratch.File(name);

    public DiskImage Sized(long bytes)
    {
        using var file = File.Create(Path);
        file.SetLength(bytes);
        return this;
    }

    /// <summary>Writes a table, in sfdisk's own script language.</summary>
    public DiskImage Partitioned(string script)
    {
        Tool.RunWithInput(script, "sfdisk", "--quiet", "--no-reread", "--no-tell-kernel", Path);
        return this;
    }

    /// <summary>Makes an ext file system at an offset, with the files of a folder in it.</summary>
    public DiskImage WithExt(long offset, long bytes, string? folder = null, string type = "ext4", string? label = null, string? uuid = null)
    {
        var part = Part(bytes);
        string[] arguments = ["-q", "-F", "-t", type, "-E", "root_owner=0:0", .. Option("-L", label), .. Option("-U", uuid), .. Option("-d", folder), part];
        Tool.Run("mke2fs", arguments);
        return Put(part, offset);
    }

    public DiskImage WithXfs(long offset, long bytes, string? prototype = null, string? uuid = null)
    {
        var part = Part(bytes);
        string[] arguments = ["-q", "-f", .. Option("-p", prototype), .. uuid is null ? [] : new[] { "-m", $"uuid={uuid}" }, part];
        Tool.Run("mkfs.xfs", arguments);
        return Put(part, offset);
    }

    public DiskImage WithBtrfs(long offset, long bytes, string? folder = null)
    {
        var part = Part(bytes);
        Tool.Run("mkfs.btrfs", ["-q", "-f", .. Option("--rootdir", folder), part]);
        return Put(part, offset);
    }

    public DiskImage WithFat(long offset, long bytes, string label = "EFI")
    {
        var part = Part(bytes);
        Tool.Run("mkfs.vfat", "-n", label, part);
        return Put(part, offset);
    }

    /// <summary>Makes an NTFS; <paramref name="dirty"/>: as Windows leaves it when it is cut off. What <paramref name="hibernation"/> holds becomes hiberfil.sys.</summary>
    public DiskImage WithNtfs(long offset, long bytes, bool dirty = false, byte[]? hibernation = null)
    {
        var part = Part(bytes);
        Tool.Run("mkntfs", "-q", "-F", "-f", part);
        if (hibernation is not null)
        {
            var header = $"{Path}.hiberfil";
            File.WriteAllBytes(header, hibernation);
            Tool.Run("ntfscp", "-f", part, header, "hiberfil.sys");
            File.Delete(header);
        }

        if (dirty)
        {
            SetNtfsDirty(part);
        }

        return Put(part, offset);
    }

    public DiskImage WithSwap(long offset, long bytes, string uuid)
    {
        var part = Part(bytes);
        Tool.Run("mkswap", "-q", "-U", uuid, part);
        return Put(part, offset);
    }

    /// <summary>Sets VOLUME_IS_DIRTY in $VOLUME_INFORMATION of file record 3, which has no other attribute of type 0x70.</summary>
    private static void SetNtfsDirty(string part)
    {
        using var file = File.Open(part, FileMode.Open);
        var boot = new byte[512];
        file.ReadExactly(boot);
        var cluster = BitConverter.ToUInt16(boot, 0x0B) * boot[0x0D];

        // $MFT and its copy $MFTMirr: ntfs-3g refuses where they differ.
        foreach (var table in new[] { 0x30, 0x38 })
        {
            var record = new byte[1024];
            var start = (BitConverter.ToInt64(boot, table) * cluster) + (3 * record.Length);
            file.Position = start;
            file.ReadExactly(record);
            var at = (int)BitConverter.ToUInt16(record, 0x14);
            while (BitConverter.ToInt32(record, at) != 0x70)
            {
                at += BitConverter.ToInt32(record, at + 4);
            }

            file.Position = start + at + BitConverter.ToUInt16(record, at + 0x14) + 10;
            file.WriteByte(1);
        }
    }

    private static string[] Option(string option, string? value) => value is null ? [] : [option, value];

    private string Part(long bytes)
    {
        var part = $"{Path}.part";
        using var file = File.Create(part);
        file.SetLength(bytes);
        return part;
    }

    private DiskImage Put(string part, long offset)
    {
        Tool.Run("dd", $"if={part}", $"of={Path}", "bs=1M", "conv=notrunc,sparse", "oflag=seek_bytes", $"seek={offset}", "status=none");
        File.Delete(part);
        return this;
    }
}
