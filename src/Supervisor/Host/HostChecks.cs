using System.Runtime.InteropServices;
using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Processes;
using Hyper2Kvm.Core.Work;

namespace Hyper2Kvm.Supervisor.Host;

/// <summary>The checks of <c>doctor</c>.</summary>
internal static class HostChecks
{
    private const long LeastFreeBytes = 1L << 30;

    /// <summary>Programs without which only one thing does not work, and what that is.</summary>
    private static readonly Dictionary<string, string> Optional = new(StringComparer.Ordinal)
    {
        ["bwrap"] = "--rebuild-initramfs=guest",
        ["btrfs"] = "checking btrfs before and after a conversion",
        ["e2fsck"] = "checking ext2, ext3 and ext4 before and after a conversion",
        ["fsck.fat"] = "checking FAT before and after a conversion",
        ["fuse2fs"] = "looking into guests as an ordinary user",
        ["guestfish"] = "--backend appliance",
        ["lz4"] = "guests whose initramfs is compressed with lz4",
        ["ntfs-3g"] = "guests with NTFS volumes",
        ["perl"] = "--edit",
        ["qemu-system-x86_64"] = "running guests here (output qemu, the demo)",
        ["virsh"] = "output libvirt",
        ["unshare"] = "ordinary users",
        ["xfs_repair"] = "checking xfs before and after a conversion",
        ["xz"] = "guests whose initramfs is compressed with xz",
    };

    /// <summary>What every other program is started through.</summary>
    private static readonly string[] Starters = ["setpriv", "setsid"];

    /// <summary>Does all checks, in the order in which they are shown.</summary>
    public static IEnumerable<HostFinding> All() => [.. Tools(), .. Libraries(), .. Filters(), .. Kernel(), User(), WorkSpace(), DaemonJobs()];

    private static IEnumerable<HostFinding> Tools()
        => ToolPackages.All.OrderBy(tool => tool.Key, StringComparer.Ordinal).Select(tool =>
        {
            var found = ToolPackages.Find(tool.Key);
            var needed = !Optional.ContainsKey(tool.Key);
            return new HostFinding(
                tool.Key,
                found is not null,
                needed,
                found ?? (needed ? $"missing: package {tool.Value}" : $"missing: package {tool.Value}; needed only for {Optional[tool.Key]}"),
                tool.Value);
        });

    /// <summary>As Guest's Native/NativeMethods has them.</summary>
    private static IEnumerable<HostFinding> Libraries() =>
    [
        Library("libargon2.so.1", "libargon2-1", "LUKS2 keys can be derived", "guests on LUKS2"),
        Library("libhivex.so.0", "libhivex0", "the registry of Windows can be read", "Windows guests"),
    ];

    private static HostFinding Library(string name, string package, string there, string neededFor)
    {
        var isThere = NativeLibrary.TryLoad(name, out var handle);
        if (isThere)
        {
            NativeLibrary.Free(handle);
        }

        return new HostFinding(name, isThere, Needed: false, isThere ? there : $"missing: package {package}; needed only for {neededFor}", package);
    }

    private static IEnumerable<HostFinding> Filters()
    {
        // Without these nothing can be started: that they are missing has been said.
        if (Starters.Append("nbdkit").Any(tool => ToolPackages.Find(tool) is null))
        {
            yield break;
        }

        foreach (var arguments in new[] { new[] { "--filter=cow", "null" }, ["nbd"], ["file"] })
        {
            var works = CommandRunner.Run(new Command("nbdkit", [.. arguments, "--dump-plugin"])).Succeeded;
            yield return new HostFinding($"nbdkit {string.Join(' ', arguments)}", works, Needed: true, works ? "works" : "nbdkit lacks this part", "nbdkit");
        }
    }

    private static IEnumerable<HostFinding> Kernel()
    {
        yield return Device("/dev/fuse", "FUSE: disks are reached as files", needed: true);
        yield return Device("/dev/loop-control", "loop devices: file systems are mounted through them", needed: true);
        var known = File.ReadAllText("/proc/filesystems");
        // FAT is served by mtools where the kernel has no driver.
        foreach (var (type, needed) in new[] { ("ext4", true), ("xfs", false), ("btrfs", false) })
        {
            var there = known.Split([' ', '\t', '\n']).Contains(type) || Directory.Exists($"/sys/module/{type}") || ModuleExists(type);
            yield return new HostFinding($"file system {type}", there, needed, there ? "the kernel has it" : $"the kernel lacks it: guests with {type} cannot be converted in full");
        }

        var kvm = File.Exists("/dev/kvm");
        yield return new HostFinding("/dev/kvm", kvm, Needed: false, kvm ? "there (whether it works, only a guest can tell)" : "missing: guests run here slowly; conversion does not need it");
    }

    private static HostFinding Device(string path, string use, bool needed)
        => new(path, File.Exists(path), needed, File.Exists(path) ? use : $"missing: {use}");

    private static bool ModuleExists(string name)
    {
        var release = File.ReadAllText("/proc/sys/kernel/osrelease").Trim();
        var list = $"/lib/modules/{release}/modules.dep";
        return File.Exists(list) && File.ReadLines(list).Any(line => line.Contains($"/{name}.ko", StringComparison.Ordinal));
    }

    private static HostFinding User()
        => Environment.IsPrivilegedProcess
            ? new HostFinding("user", Passed: true, Needed: true, "root")
            : new HostFinding("user", Passed: false, Needed: true, "not root: guests can only be looked into; run as root to convert them");

    private static HostFinding DaemonJobs()
    {
        var (processors, memory) = (Environment.ProcessorCount, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        return new HostFinding("daemon", Passed: true, Needed: false, $"max_concurrent_jobs: {ProposedJobs(processors, memory)} suits {processors} processors and {ByteSize.Format(memory)} of memory");
    }

    /// <summary>How many conversions at once a host takes: a processor for each and one to spare, 3 GiB of memory for each (docs/daemon.md).</summary>
    /// <param name="processors">Processors.</param>
    /// <param name="memory">Memory, bytes.</param>
    internal static int ProposedJobs(int processors, long memory)
    {
        const int Most = 6;
        const long MemoryOfJob = 3L << 30;
        return (int)Math.Clamp(Math.Min((processors + 1) / 2, memory / MemoryOfJob), 1, Most);
    }

    private static HostFinding WorkSpace()
    {
        var root = WorkDirectory.DefaultRoot;
        var place = Directory.Exists(root) ? root : Path.GetDirectoryName(root)!;
        var free = Directory.Exists(place) ? new DriveInfo(place).AvailableFreeSpace : 0;
        return new HostFinding("free space for work", free >= LeastFreeBytes, Needed: true, $"{ByteSize.Format(free)} in {place} (overlays hold what a conversion changes)");
    }
}
