using System.Text;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Guest.Attach;
using Hyper2Kvm.Guest.Inspection.Packages;
using Hyper2Kvm.Guest.Inspection.Tools;
using Hyper2Kvm.Guest.Mounting;

namespace Hyper2Kvm.Examples.GuestEngine;

/// <summary>What the library can do, in the order in which a program would want it.</summary>
internal static class Tour
{
    /// <summary>Opens a guest, looks at it, writes one file into it and reads it back.</summary>
    /// <param name="disks">Its disks in the guest's order.</param>
    /// <param name="work">A directory for mount points; nothing stays in it.</param>
    public static void Run(IReadOnlyList<GuestDiskSource> disks, string work)
    {
        // Open: sockets are tried again when they refuse; each retry is told.
        var options = new GuestOptions { Workers = 4, OnRetry = retry => Console.WriteLine(retry.Message) };
        using var machine = GuestMachine.Open(disks, work, options);
        foreach (var volume in machine.Volumes)
        {
            Console.WriteLine($"volume {volume.Device}: {volume.Content ?? "unknown"}, {volume.Length} bytes");
        }

        // Mount all volumes side by side, whatever system they belong to: each under its own name.
        using (var volumes = machine.MountVolumes(machine.Volumes, MountOptions.ReadOnly))
        {
            foreach (var mount in volumes.Mounts)
            {
                Console.WriteLine($"mounted {mount.Volume.Device} on {mount.MountPoint}: {mount.Fallback ?? "normal"}, {volumes.Files.List(mount.MountPoint).Count} names");
            }

            foreach (var left in volumes.Unmounted)
            {
                Console.WriteLine($"left out {left.Spec}: {left.Reason}");
            }
        }

        // Find systems, choose one, mount it by its own fstab.
        var system = machine.ChooseSystem("first");
        Console.WriteLine($"system {system.Volume.Device}: {system.OperatingSystem.ProductName}, {system.Architecture}");
        using (var guest = machine.Mount(system, MountOptions.ForWriting))
        {
            var packages = PackageInventory.Read(guest.Files);
            Console.WriteLine($"packages: {packages.Packages?.Count.ToString() ?? "not listed"} ({packages.Format ?? "no database"})");
            Console.WriteLine($"hypervisor tools: {string.Join(' ', HypervisorTools.Find(guest.Files))}");

            // Paths are the guest's: a link in it never leads to the host.
            guest.Files.Write("/etc/toured", "yes\n"u8);
            Console.WriteLine($"read back: {Encoding.UTF8.GetString(guest.Files.Read("/etc/toured", limit: 1024)).Trim()}");

            // Close tells of writes that were lost; leaving it to Dispose does too.
            guest.Close();
        }

        machine.DropCaches();
        foreach (var count in machine.CacheCounts)
        {
            Console.WriteLine($"cache of {count.Name}: {count.Hits} hits, {count.Misses} misses");
        }
    }
}
