using System.IO.Compression;
using System.Text;
using Hyper2Kvm.Core.Processes;
using Hyper2Kvm.Helpers.Convert.Linux.Initramfs;

namespace Hyper2Kvm.Helpers.Convert.Tests.Fakes;

/// <summary>Archives and modules made for tests.</summary>
internal static class Archives
{
    /// <summary>The smallest thing that depmod takes for a module: an ELF file with no sections of interest.</summary>
    public static byte[] Module(string suffix)
    {
        var elf = new byte[192];
        "\x7f"u8.CopyTo(elf);
        "ELF"u8.CopyTo(elf.AsSpan(1));
        elf[4] = 2;
        elf[5] = 1;
        elf[6] = 1;
        elf[16] = 1;
        elf[18] = 62;
        elf[20] = 1;
        elf[40] = 64;
        elf[52] = 64;
        elf[58] = 64;
        elf[60] = 2;
        elf[62] = 1;
        elf[64 + 64 + 4] = 3;
        BitConverter.TryWriteBytes(elf.AsSpan(64 + 64 + 24), 64L);
        BitConverter.TryWriteBytes(elf.AsSpan(64 + 64 + 32), 1L);
        return suffix switch
        {
            ".ko.xz" => Tool("xz", elf, "-c", "--check=crc32"),
            ".ko.zst" => Tool("zstd", elf, "-c", "-q"),
            ".ko.gz" => Gzip(elf),
            _ => elf,
        };
    }

    /// <summary>What initramfs-tools makes, in small: usr-merged, udev, one module, settings.</summary>
    public static byte[] Debian(string version, string settings = "RESUME=/dev/sda2\n")
        => Cpio(writer =>
        {
            foreach (var directory in new[] { "conf", "conf/conf.d", "usr", "usr/lib", "usr/lib/modules", $"usr/lib/modules/{version}", "usr/lib/udev", "usr/lib/udev/rules.d", "usr/lib/systemd", "usr/lib/systemd/network" })
                writer.AddDirectory(directory, 1000);
            writer.Add(Link("lib", "usr/lib"));
            writer.AddFile("init", 1234, "#!/bin/sh\n"u8);
            writer.AddFile("conf/modules", 1000, "ext4\n"u8);
            writer.AddFile("conf/conf.d/resume", 1000, Encoding.Latin1.GetBytes(settings));
            writer.AddFile("usr/lib/udev/rules.d/80-net-setup-link.rules", 1000, "rules"u8);
            writer.AddFile($"usr/lib/modules/{version}/kernel/fs/ext4/ext4.ko", 1000, Module(".ko"));
            writer.AddFile($"usr/lib/modules/{version}/kernel/drivers/scsi/sd_mod.ko", 1000, Module(".ko"));
        });

    /// <summary>An archive as the host's cpio makes it, with links from name to target, and one file that may be executed.</summary>
    public static byte[] OfHostCpio(Dictionary<string, string> files, Dictionary<string, string>? links = null, string? program = null)
    {
        using var directory = new TemporaryDirectory();
        foreach (var (name, target) in links ?? [])
            File.CreateSymbolicLink(Path.Combine(directory.Path, name), target);
        foreach (var (path, content) in files)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(directory.Path, path))!);
            File.WriteAllBytes(Path.Combine(directory.Path, path), Encoding.Latin1.GetBytes(content));
            if (path == program)
                File.SetUnixFileMode(Path.Combine(directory.Path, path), (UnixFileMode)0x1ED);
        }

        return Tool("sh", [], "-c", "cd \"$1\" && find . | LC_ALL=C sort | cpio --quiet -o -H newc", "sh", directory.Path);
    }

    public static byte[] Microcode() => Cpio(writer =>
    {
        writer.AddDirectory("kernel", 0);
        writer.AddFile("kernel/x86/microcode/GenuineIntel.bin", 0, new byte[3000]);
    });

    public static byte[] Cpio(Action<CpioWriter> fill)
    {
        using var writer = new CpioWriter(1);
        fill(writer);
        return writer.Finish();
    }

    public static CpioEntry Link(string path, string target) => CpioReader.Read(Raw(path, 0xA1FF, Encoding.Latin1.GetBytes(target)), out _)[0];

    /// <summary>One entry and a trailer, whatever its fields say.</summary>
    public static byte[] Raw(string name, uint mode, byte[] data, string? dataLength = null, string? nameLength = null)
    {
        using var output = new MemoryStream();
        void Entry(string entryName, uint entryMode, byte[] content, string? length, string? entryNameLength)
        {
            output.Write(Encoding.Latin1.GetBytes($"07070100000001{entryMode:X8}000000000000000000000001{0:X8}{length ?? content.Length.ToString("X8")}00000000000000000000000000000000{entryNameLength ?? (entryName.Length + 1).ToString("X8")}00000000"));
            output.Write(Encoding.Latin1.GetBytes(entryName + "\0"));
            Pad();
            output.Write(content);
            Pad();
        }

        void Pad()
        {
            while (output.Length % 4 != 0)
                output.WriteByte(0);
        }

        Entry(name, mode, data, dataLength, nameLength);
        Entry("TRAILER!!!", 0, [], null, null);
        return output.ToArray();
    }

    public static byte[] Pack(string compression, byte[] plain) => compression switch
    {
        "gzip" => Gzip(plain),
        "zstd" => Tool("zstd", plain, "-c", "-q", "-19"),
        "xz" => Tool("xz", plain, "-c", "--check=crc32"),
        "lz4" => Tool("lz4", plain, "-c", "-l", "-9", "-q"),
        "bzip2" => Tool("bzip2", plain, "-c"),
        "lzma" => Tool("xz", plain, "-c", "--format=lzma"),
        "lzo" => Tool("lzop", plain, "-c"),
        _ => plain,
    };

    public static byte[] Gzip(byte[] plain)
    {
        using var output = new MemoryStream();
        using (var packed = new GZipStream(output, CompressionLevel.Optimal))
            packed.Write(plain);
        return output.ToArray();
    }

    public static byte[] Tool(string program, byte[] input, params string[] arguments)
    {
        var result = CommandRunner.Run(new Command(program, arguments) { Input = input });
        return result.Succeeded ? result.Output : throw new InvalidOperationException(result.ErrorText);
    }
}
