using Hyper2Kvm.Core.Processes;
using Hyper2Kvm.Guest.Mounting.Fuse;

namespace Hyper2Kvm.Guest.Mounting.Ntfs;

/// <summary>An NTFS volume mounted by ntfs-3g.</summary>
/// <param name="Server">The server.</param>
/// <param name="Hibernation">The first bytes of hiberfil.sys; empty where there is none.</param>
internal sealed record Ntfs3g(FuseServer Server, byte[] Hibernation)
{
    /// <summary>Starts ntfs-3g and waits until its mount is there.</summary>
    /// <param name="mounts">The namespaces.</param>
    /// <param name="device">Loop device or file of the volume.</param>
    /// <param name="place">Name for a mount point, unique in the namespace.</param>
    /// <param name="options">Options of ntfs-3g.</param>
    /// <exception cref="MountFailure">It ended, or was not ready within 30 s.</exception>
    public static Ntfs3g Start(MountNamespace mounts, string device, string place, string options)
    {
        byte[] hibernation = [];
        var server = FuseServer.Start(
            mounts,
            place,
            options,
            path => new Command("ntfs-3g", device, path, "-o", $"no_detach,nosuid,nodev,noexec,noatime,{options}"),
            path => hibernation = NtfsState.ReadHeader(path));
        return new Ntfs3g(server, hibernation);
    }
}
