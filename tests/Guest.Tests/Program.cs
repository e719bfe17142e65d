using System.Diagnostics;
using Hyper2Kvm.Guest.Attach;

namespace Hyper2Kvm.Guest.Tests;

/// <summary>
/// A program that opens a guest: <c>hold WORK SOCKET…</c> mounts it, says so and stays until it is killed; <c>run WORK SOCKET…</c> runs its <c>/etc/script</c> besides;
/// <c>time WORK SOCKET…</c> prints what each part took, in milliseconds.
/// </summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        var (mode, work) = (arguments[0], arguments[1]);
        var disks = arguments[2..].Select(path => GuestDiskSource.Socket(path)).ToArray();
        if (mode is "hold" or "run")
        {
            Console.WriteLine("starting");
            using var machine = GuestMachine.Open(disks, work);
            using var guest = machine.Mount(machine.ChooseSystem("first"), writable: true);
            guest.Files.Write("/etc/held", "1"u8);
            Console.WriteLine("mounted");
            if (mode == "run")
            {
                guest.Programs(log: null).Run(new GuestProgram { Command = ["/bin/sh", "/etc/script"], Writable = ["/boot"], Longest = TimeSpan.FromMinutes(10) }, CancellationToken.None);
            }

            Console.In.ReadToEnd(); // until it is killed, or nobody is left who would
        }

        for (var run = 0; run < 5; run++)
        {
            var clock = Stopwatch.StartNew();
            double Lap()
            {
                var elapsed = clock.Elapsed.TotalMilliseconds;
                clock.Restart();
                return elapsed;
            }

            var machine = GuestMachine.Open(disks, work);
            var open = Lap();
            var system = machine.ChooseSystem("first");
            var find = Lap();
            var guest = machine.Mount(system, writable: true);
            var mount = Lap();
            guest.Files.Write("/etc/timed", "1"u8);
            var write = Lap();
            guest.Close();
            var close = Lap();
            machine.Dispose();
            Console.WriteLine($"open {open:0} find {find:0} mount {mount:0} write {write:0.0} close {close:0} detach {Lap():0}");
        }

        return 0;
    }
}
