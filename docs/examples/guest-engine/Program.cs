using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Examples.GuestEngine;
using Hyper2Kvm.Guest.Attach;

// guest-engine tour DISK…               opens a guest and shows what the library can do with it
// guest-engine mount WORKERS DISK…      mounts all volumes side by side and prints the seconds that it took
// guest-engine cached|uncached DISK…    lists partitions 5 times and probes 10 times; prints the seconds of both
// guest-engine read DISK…               walks all trees and reads 512 MiB; prints the seconds of both
// guest-engine inspect DISK…            opens, finds systems, mounts the first and reads its packages; prints the seconds
// A DISK is a raw file, or the Unix socket of an NBD server. Needs root. Everything is opened for reading, but for the tour's own file.
if (args.Length < 2)
{
    Console.Error.WriteLine("guest-engine tour|mount WORKERS|cached|uncached|read|inspect DISK...");
    return ErrorCodes.Usage.ExitCode;
}

var work = Directory.CreateTempSubdirectory("guest-engine-").FullName;
try
{
    switch (args)
    {
        case ["tour", .. var disks]:
            Tour.Run(Sources(disks, readOnly: false), work);
            break;
        case ["mount", var workers, .. var disks]:
            Measurements.Mount(Sources(disks), work, int.Parse(workers));
            break;
        case ["cached" or "uncached", .. var disks]:
            Measurements.ListAndProbe(Sources(disks), work, args[0] == "cached");
            break;
        case ["read", .. var disks]:
            Measurements.Read(Sources(disks), work);
            break;
        case ["inspect", .. var disks]:
            Measurements.Inspect(Sources(disks), work);
            break;
        default:
            return ErrorCodes.Usage.ExitCode;
    }

    return 0;
}
catch (StepException failure)
{
    // Every failure of the library has a code, says which disk or file it is about, and what to do.
    Console.Error.WriteLine($"{failure.Code.Name}: {failure.Message}");
    Console.Error.WriteLine($"  {failure.Hint}");
    return failure.Code.ExitCode;
}
finally
{
    Directory.Delete(work, recursive: true);
}

static GuestDiskSource[] Sources(string[] disks, bool readOnly = true)
    => [.. disks.Select(disk => IsSocket(disk) ? GuestDiskSource.Socket(disk, readOnly) : GuestDiskSource.Raw(disk, readOnly))];

// A socket has no length, and what has none is no disk.
static bool IsSocket(string path) => new FileInfo(path) is { Exists: true, Length: 0 } && !path.StartsWith("/dev/", StringComparison.Ordinal);
