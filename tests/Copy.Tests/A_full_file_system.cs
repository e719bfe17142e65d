using System.Diagnostics;

namespace Hyper2Kvm.Copy.Tests;

/// <summary>
/// A real file system that runs full, in a mount namespace of its own: mount and loop device go with it. The program
/// itself runs, so that the message and the exit code are those that people see.
/// </summary>
public sealed class A_full_file_system
{
    private const int Size = 32 << 20;

    // $1: how to mount; $2: workspace; $3: how to copy. Then once more, with space.
    private const string Script = """
        set -e
        cd "$2"
        mkdir small
        eval "$1"
        head -c 10M /dev/zero > small/filler
        code=0
        eval "$3" || code=$?
        echo "code $code"
        umount small
        eval "${1//16m/64m}"
        code=0
        eval "$3" || code=$?
        echo "again $code"
        eval "$4" && echo equal
        """;

    private const string Tmpfs = "mount -t tmpfs -o size=16m none small";
    private const string Ext4 = "rm -f disk; truncate -s 16m disk; mkfs.ext4 -q -F -m 0 disk; mount -o loop disk small";
    private const string SmallBlocks = "rm -f disk; truncate -s 16m disk; mkfs.ext4 -q -F -m 0 -b 1024 disk; mount -o loop disk small";

    public static TheoryData<string, string, string> Targets
    {
        get
        {
            var data = new TheoryData<string, string, string>();
            foreach (var mount in new[] { Tmpfs, Ext4, SmallBlocks })
            {
                foreach (var options in new[] { "", "--no-direct", "--allocated", "--allocated --no-direct", "--request-size 65536" }) data.Add(mount, $"copy {options} source small/target", "cmp source small/target");
                foreach (var options in new[] { "", "--no-direct", "--allocated", "--compressed" }) data.Add(mount, $"copy --target-format qcow2 {options} source small/target", "qemu-img compare -f raw -F qcow2 source small/target");
                foreach (var options in new[] { "", "--allocated" }) data.Add(mount, $"rm -f small/target; truncate -s {Size} small/target; nbdkit -U - file small/target --run 'copy {options} source $unixsocket'", "cmp source small/target");
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Targets))]
    public void Is_told_as_such_and_the_copy_works_once_there_is_space(string mount, string copy, string compare)
    {
        using var work = new Workspace();
        work.RandomImage("source", Size, new Random(1), 60, 2 << 20);
        var output = Run(work, mount, copy, compare);

        output.Should().MatchRegex("copy: error: disk [^ ]+: target[^\n]*(small/target|unix:)[^\n]*(No space left on device|ENOSPC)").And.Contain("Free space on the target").And.Contain("code 68");
        output.Should().Contain("again 0").And.Contain("equal");
    }

    /// <summary>A thin device: it has the size, and runs out of space when it is written.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("--no-direct")]
    public void Under_a_block_device_is_an_error_of_the_target(string options)
    {
        using var work = new Workspace();
        work.RandomImage("source", Size, new Random(1), 60, 2 << 20);
        var thin = $"rm -f small/thin; truncate -s {Size} small/thin; device=$(losetup --find --show small/thin); exec 9<$device; losetup --detach $device; copy {options} source $device && code=0 || code=$?; exec 9<&-; (exit $code)";
        var output = Run(work, Tmpfs, thin, "true");

        output.Should().MatchRegex("copy: error: disk [^ ]+: target.*/dev/loop[0-9]+: (pwrite|fsync|fallocate): ").And.MatchRegex("code 6[78]\n").And.Contain("again 0"); // ENOSPC at once, EIO from the page cache.
    }

    private static string Run(Workspace work, string mount, string copy, string compare)
    {
        var program = Path.Combine(FindRoot(), "artifacts/hyper2kvm/libexec");
        var start = new ProcessStartInfo("timeout", ["120", "unshare", "--mount", "bash", "-c", $"exec 2>&1; PATH={program}:$PATH; {Script}", "bash", mount, work.Path("."), copy, compare])
        {
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        process.ExitCode.Should().Be(0, output);
        return output;
    }

    private static string FindRoot()
    {
        var directory = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(directory, "Hyper2Kvm.sln"))) directory = Path.GetDirectoryName(directory)!;
        return directory;
    }
}
