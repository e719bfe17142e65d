using System.Diagnostics;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Guest.Attach;
using Hyper2Kvm.Guest.Caching;
using Hyper2Kvm.Guest.Inspection.Packages;
using Hyper2Kvm.Guest.Mounting;

namespace Hyper2Kvm.Examples.GuestEngine;

/// <summary>What bench/guest measures: each prints seconds, after the runtime's own start.</summary>
internal static class Measurements
{
    private const int ReadBytes = 512 * 1024 * 1024;

    /// <summary>Mounts all volumes.</summary>
    public static void Mount(IReadOnlyList<GuestDiskSource> disks, string work, int workers)
    {
        using var machine = GuestMachine.Open(disks, work, new GuestOptions { Workers = workers });
        var clock = Stopwatch.StartNew();
        using var volumes = machine.MountVolumes(machine.Volumes, MountOptions.ReadOnly);
        Console.WriteLine($"{clock.Elapsed.TotalSeconds:0.0000} {volumes.Mounts.Count}");
    }

    /// <summary>Lists the partitions of the first disk 5 times and probes the first volume 10 times, from dropped caches; medians of many rounds, after the compiler.</summary>
    public static void ListAndProbe(IReadOnlyList<GuestDiskSource> disks, string work, bool cached)
    {
        var times = cached ? new CacheTimes() : new CacheTimes { Partitions = TimeSpan.Zero, Probes = TimeSpan.Zero };
        using var machine = GuestMachine.Open(disks, work, new GuestOptions { Cache = times });
        var volume = machine.Volumes[0];
        var lists = Median(() => machine.DropCaches(), () => machine.ListPartitions(0), 5);
        var probes = Median(() => machine.DropCaches(), () => machine.Probe(volume), 10);
        Console.WriteLine($"{lists.TotalSeconds:0.000000} {probes.TotalSeconds:0.000000}");
    }

    /// <summary>Walks all trees, then reads the first 512 MiB of regular files.</summary>
    public static void Read(IReadOnlyList<GuestDiskSource> disks, string work)
    {
        using var machine = GuestMachine.Open(disks, work);
        using var volumes = machine.MountVolumes(machine.Volumes, MountOptions.ReadOnly);
        var clock = Stopwatch.StartNew();
        var files = new List<string>();
        var pending = new Stack<string>(volumes.Mounts.Select(mount => mount.MountPoint));
        while (pending.TryPop(out var directory))
        {
            foreach (var path in volumes.Files.List(directory).Select(name => $"{directory}/{name}"))
            {
                switch (volumes.Files.Status(path, followLinks: false)?.Kind)
                {
                    case GuestFileKind.Directory:
                        pending.Push(path);
                        break;
                    case GuestFileKind.File:
                        files.Add(path);
                        break;
                    default:
                        break;
                }
            }
        }

        var walked = clock.Elapsed;
        clock.Restart();
        var (left, buffer) = (ReadBytes, new byte[1024 * 1024]);
        foreach (var path in files)
        {
            using var stream = volumes.Files.OpenRead(path);
            int count;
            while (left > 0 && (count = stream.Read(buffer, 0, Math.Min(buffer.Length, left))) > 0)
            {
                left -= count;
            }
        }

        Console.WriteLine($"{walked.TotalSeconds:0.0000} {clock.Elapsed.TotalSeconds:0.0000} {files.Count} {ReadBytes - left}");
    }

    /// <summary>From the closed disks to what system, kernels' place and packages it has.</summary>
    public static void Inspect(IReadOnlyList<GuestDiskSource> disks, string work)
    {
        var clock = Stopwatch.StartNew();
        using var machine = GuestMachine.Open(disks, work);
        using var guest = machine.Mount(machine.ChooseSystem("first"), MountOptions.ReadOnly);
        var packages = PackageInventory.Read(guest.Files).Packages?.Count ?? 0;
        Console.WriteLine($"{clock.Elapsed.TotalSeconds:0.0000} {packages}");
    }

    private static TimeSpan Median(Action prepare, Action work, int times)
    {
        const int Rounds = 201;
        var spent = new List<TimeSpan>();
        for (var round = 0; round < Rounds; round++)
        {
            prepare();
            var clock = Stopwatch.StartNew();
            for (var time = 0; time < times; time++)
            {
                work();
            }

            spent.Add(clock.Elapsed);
        }

        return spent.Order().ElementAt(Rounds / 2);
    }
}
