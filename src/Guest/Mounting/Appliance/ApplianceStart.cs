using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Processes;
using Hyper2Kvm.Guest.Native;

namespace Hyper2Kvm.Guest.Mounting.Appliance;

/// <summary>Starts the appliance, and tells what is missing where it does not.</summary>
internal static class ApplianceStart
{
    /// <summary>
    /// A short path that every host has and no program of the appliance looks at: in the servers' namespace a tmpfs lies over it, so that the sockets of libguestfs
    /// find room in a socket's address (108 bytes, unix(7)), and nothing of it stays behind however it ends.
    /// </summary>
    private const string ShortPlace = "/proc/tty";

    /// <summary>Where supermin looks for a kernel to start; it tells libguestfs nothing of what it did not find.</summary>
    private const string Kernels = "/boot";

    /// <summary>Where libguestfs keeps the appliance that it builds once, some 400 MB; of a temporary directory that is ours alone it would build it again.</summary>
    private static readonly string Cache = Environment.GetEnvironmentVariable("LIBGUESTFS_CACHEDIR") ?? "/var/tmp";

    /// <summary>Starts it with disks; returns when it takes commands.</summary>
    /// <param name="mounts">The namespaces.</param>
    /// <param name="shownAt">Directory on which it will show its file systems; made here.</param>
    /// <param name="byRoot">Whether this process is root of the host: only then supermin can build the appliance, which keeps the owners of the host's files.</param>
    /// <param name="drives">Commands that add the disks.</param>
    /// <exception cref="StepException">It does not start (<see cref="ErrorCodes.HostAppliance"/>).</exception>
    /// <param name="cancel">Gives up.</param>
    public static Guestfish Start(MountNamespace mounts, string shownAt, bool byRoot, IEnumerable<string> drives, CancellationToken cancel)
    {
        if (ToolPackages.Find("guestfish") is null)
        {
            throw new StepException(ErrorCodes.HostAppliance, "the libguestfs appliance cannot be started: guestfish is not installed");
        }

        if (!byRoot && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("LIBGUESTFS_PATH")))
        {
            throw new StepException(
                ErrorCodes.HostAppliance,
                "the libguestfs appliance cannot be built by an ordinary user here: in a user namespace no file keeps its owner",
                "Run as root, or make it beforehand: libguestfs-make-fixed-appliance DIR; export LIBGUESTFS_PATH=DIR");
        }

        mounts.Servers.Run(() => MakePlaces(shownAt));
        var guestfish = Guestfish.Start(mounts, $"{shownAt}.commands", new Dictionary<string, string?>
        {
            ["LC_ALL"] = "C.UTF-8",
            ["LIBGUESTFS_BACKEND"] = "direct",
            ["LIBGUESTFS_CACHEDIR"] = byRoot ? Cache : ShortPlace,
            ["LIBGUESTFS_TMPDIR"] = ShortPlace,
            ["XDG_RUNTIME_DIR"] = ShortPlace,
        });
        try
        {
            guestfish.Begin(drives.Append("run"));
            guestfish.Await(cancel);
            return guestfish;
        }
        catch (OperationCanceledException)
        {
            guestfish.Dispose();
            throw;
        }
        catch (StepException failed)
        {
            var words = guestfish.LastWords;
            guestfish.Dispose();
            var isWithoutKernel = byRoot && !(Directory.Exists(Kernels) && Directory.EnumerateFiles(Kernels, "vmlinu*").Any());
            throw new StepException(
                ErrorCodes.HostAppliance,
                $"the libguestfs appliance cannot be started: {(isWithoutKernel ? $"there is no kernel in {Kernels}" : words)}",
                isWithoutKernel ? "apt-get install linux-image-cloud-amd64: it starts a kernel of this host." : null,
                failed);
        }
    }

    private static void MakePlaces(string shownAt)
    {
        if (!Directory.Exists(shownAt))
        {
            Directory.CreateDirectory(shownAt);
            if (NativeMethods.Mount("hyper2kvm", ShortPlace, "tmpfs", NativeMethods.MountNoSuid | NativeMethods.MountNoDevices | NativeMethods.MountNoExecute, "mode=0700,size=256m") != 0)
            {
                throw new StepException(ErrorCodes.HostPermission, $"no tmpfs can be mounted on {ShortPlace}: {SystemError.Text(SystemError.Last)}");
            }
        }
    }
}
