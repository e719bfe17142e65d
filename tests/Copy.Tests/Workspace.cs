using System.Diagnostics;
using Hyper2Kvm.Nbd;

namespace Hyper2Kvm.Copy.Tests;

/// <summary>A directory with disk images, removed at the end; and the comparison that every test ends with.</summary>
internal sealed class Workspace : IDisposable
{
    // Not /tmp, which may be a tmpfs: O_DIRECT and holes shall be those of a disk.
    private readonly string _directory = Directory.CreateDirectory(System.IO.Path.Combine("/var/tmp", $"copy-test-{Guid.NewGuid():n}")).FullName;

    internal string Path(string name) => System.IO.Path.Combine(_directory, name);

    /// <summary>A sparse image with random islands of random bytes, zeroes written as data, and holes.</summary>
    internal string RandomImage(string name, long size, Random random, int islands, int longest)
    {
        var path = Path(name);
        using var file = File.OpenHandle(path, FileMode.Create, FileAccess.Write);
        RandomAccess.SetLength(file, size);
        for (var i = 0; i < islands && size > 0; i++)
        {
            var offset = random.NextInt64(size);
            var data = new byte[Math.Min(random.Next(1, longest), size - offset)];
            if (random.Next(4) != 0) random.NextBytes(data);
            RandomAccess.Write(file, data, offset);
        }

        return path;
    }

    internal string EmptyImage(string name, long size)
    {
        var path = Path(name);
        using var file = File.OpenHandle(path, FileMode.Create, FileAccess.Write);
        RandomAccess.SetLength(file, size);
        return path;
    }

    /// <summary>Byte for byte with cmp, and as disks with qemu-img.</summary>
    internal static void MustBeEqual(string source, string target, string because)
    {
        Run("cmp", source, target).Should().Be(0, because);
        if (new FileInfo(source).Length > 0) Run("qemu-img", "compare", "-f", "raw", "-F", "raw", source, target).Should().Be(0, because);
    }

    /// <summary>Bytes that the file occupies.</summary>
    internal static long Allocated(string path)
    {
        var start = new ProcessStartInfo("stat", ["-c", "%b", path]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        return 512 * long.Parse(process.StandardOutput.ReadToEnd());
    }

    internal static CopyEndpoint At(NbdkitServer server) => CopyEndpoint.Server(NbdEndpoint.Unix(server.Socket));

    internal static int Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);
}
