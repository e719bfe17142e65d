using System.Globalization;

namespace Hyper2Kvm.Guest.Mounting;

/// <summary>What this process may do with file systems, by its user and its user namespace (user_namespaces(7)).</summary>
/// <param name="IsRoot">Root, at least of its own user namespace: it can have mount namespaces, tmpfs and FUSE.</param>
/// <param name="MountsByKernel">Root of the host: the kernel mounts block devices for it.</param>
/// <param name="KeepsOwners">Whether files can be given to any owner that a guest has (user and group ids up to 65535).</param>
internal sealed record HostRights(bool IsRoot, bool MountsByKernel, bool KeepsOwners)
{
    private const long EveryId = 4294967295;
    private const long IdsOfAGuest = 65536;

    /// <summary>Those of this process.</summary>
    public static HostRights Read() => Of(Environment.IsPrivilegedProcess, File.ReadAllText("/proc/self/uid_map"), File.ReadAllText("/proc/self/gid_map"));

    /// <summary>Judges them. Pure.</summary>
    /// <param name="isRoot">Effective user id 0.</param>
    /// <param name="users">/proc/self/uid_map.</param>
    /// <param name="groups">/proc/self/gid_map.</param>
    public static HostRights Of(bool isRoot, string users, string groups)
        => new(isRoot, isRoot && Ids(users) == EveryId, isRoot && Math.Min(Ids(users), Ids(groups)) >= IdsOfAGuest);

    private static long Ids(string map)
        => map.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Sum(line => long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[2], CultureInfo.InvariantCulture));
}
