using Hyper2Kvm.Core.Processes;

namespace Hyper2Kvm.EndToEnd.Support;

/// <summary>All files of a converted guest with their digests: read by a mount of the kernel's, not by the product.</summary>
internal static class GuestTree
{
    // In a mount namespace of its own: the mounts go with the shell, whatever happens. Partition 1 of each disk is its file system.
    private const string Script = """
        set -euo pipefail
        mount -t tmpfs none /mnt
        for disk in "$@"; do
            start=$(sfdisk --json "$disk" | grep -m1 '"start"' | tr -dc '0-9')
            size=$(sfdisk --json "$disk" | grep -m1 '"size"' | tr -dc '0-9')
            mkdir -p "/mnt/$(basename "$disk")"
            mount -o ro,noload,loop,offset=$((start * 512)),sizelimit=$((size * 512)) "$disk" "/mnt/$(basename "$disk")"
        done
        cd /mnt
        find . \( -type f -o -type l -o -type d \) -printf '%y %m %U %G %l %p\n' | LC_ALL=C sort
        find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
        """;

    public static IReadOnlyList<string> Of(Scratch scratch, IEnumerable<string> disks)
    {
        var result = CommandRunner.Run(new Command("unshare", ["--mount", "--propagation", "private", "bash", "-c", Script, "tree", .. disks]) { WorkingDirectory = scratch.Path });
        result.ExitCode.Should().Be(0, result.ErrorText);
        var lines = result.OutputText.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines.Should().HaveCountGreaterThan(1000, "it is a whole Debian");
        return lines;
    }
}
