using System.Security.Cryptography;

namespace Hyper2Kvm.Guest.Tests.Fixtures;

/// <summary>What the host knows of volumes: all that LVM, md, device-mapper or udev would leave a trace in.</summary>
internal static class HostVolumes
{
    private static readonly string[] Folders = ["/dev/mapper", "/dev/md", "/dev/disk", "/run/udev/data", "/run/lvm", "/run/mdadm", "/run/lock/lvm", "/etc/lvm", "/etc/mdadm"];

    /// <summary>A line for each thing; loop devices are left out, since those of other programs come and go.</summary>
    public static IReadOnlyList<string> Snapshot()
        => [.. Folders.Where(Directory.Exists).SelectMany(folder => Directory.EnumerateFileSystemEntries(folder, "*", SearchOption.AllDirectories)).Select(Describe)
            .Concat(Directory.EnumerateFileSystemEntries("/sys/block").Where(device => !device.Contains("/loop")))
            .Concat(Directory.EnumerateFiles("/dev").Where(node => Path.GetFileName(node).StartsWith("md") || Path.GetFileName(node).StartsWith("dm-")))
            .Concat(Directory.Exists("/sys/fs/btrfs") ? Directory.EnumerateDirectories("/sys/fs/btrfs", "*-*") : [])
            .Append(File.Exists("/proc/mdstat") ? File.ReadAllText("/proc/mdstat") : "no md")
            .Where(line => !line.Contains("/loop") && !line.Contains("b7:"))
            .Order(StringComparer.Ordinal)];

    private static string Describe(string path)
    {
        var file = new FileInfo(path);
        return file.LinkTarget is { } target ? $"{path} -> {target}"
            : path.StartsWith("/etc/") && file.Exists ? $"{path} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path)))}"
            : path;
    }
}
