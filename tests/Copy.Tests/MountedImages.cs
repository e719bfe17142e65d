namespace Hyper2Kvm.Copy.Tests;

/// <summary>
/// Runs a script with real file systems, in a mount namespace of its own: when the script ends, however it ends, the kernel unmounts
/// them and clears their loop devices.
/// </summary>
internal static class MountedImages
{
    /// <summary>The smallest file system that mkfs.xfs of xfsprogs 6.1 makes has 300 MB.</summary>
    private const string Size = "320M";

    private static readonly Dictionary<string, string> MakeFileSystem = new()
    {
        ["btrfs"] = "mkfs.btrfs -q",
        ["xfs"] = "mkfs.xfs -q -m reflink=1",
        ["ext4"] = "mkfs.ext4 -q",
    };

    /// <summary>Runs it in the workspace's directory, with a file system of each type mounted on a directory of that name.</summary>
    /// <param name="work">The workspace, for the images.</param>
    /// <param name="types">Types of file systems.</param>
    /// <param name="script">Stops at the first command that fails. "$COPY" is the program.</param>
    /// <returns>What it wrote.</returns>
    internal static string Run(Workspace work, string[] types, string script)
    {
        var mounts = string.Concat(types.Select(type =>
            $"truncate -s {Size} {type}.img; {MakeFileSystem[type]} {type}.img; mkdir {type}; mount -o loop {type}.img {type}\n"));
        var (code, output, errors) = CopyProgram.Run("unshare", "-m", "bash", "-euc", $"cd {work.Path(".")}\n{mounts}{script}");
        code.Should().Be(0, output + errors);
        return output;
    }
}
