using Hyper2Kvm.Core.Processes;

namespace Hyper2Kvm.Guest.Checking;

/// <summary>The program that checks a kind of file system without writing, and what its exit codes say (their man pages). Pure.</summary>
/// <param name="Program">Its name.</param>
/// <param name="Arguments">Its arguments before the device.</param>
/// <param name="Repair">What a person runs in the guest where it is damaged.</param>
/// <param name="IsDamaged">Whether an exit code says that the file system is damaged; 0 never does.</param>
internal sealed record FileSystemTool(string Program, IReadOnlyList<string> Arguments, string Repair, Func<int, bool> IsDamaged)
{
    private const int MostLines = 3;

    /// <summary>e2fsck(8): 4 is "errors left uncorrected", and codes are summed.</summary>
    private const int Uncorrected = 4;

    /// <summary>Lines that tell how far a tool is, and not what it found.</summary>
    private static readonly string[] Progress = ["Pass ", "Phase ", "e2fsck ", "fsck.fat ", "Opening filesystem", "Checking filesystem", "UUID:", "- ", "[", "No modify flag", "Warning!  ", "Warning: skipping"];

    private static readonly FileSystemTool Ext = new("e2fsck", ["-f", "-n"], "e2fsck -f", code => (code & Uncorrected) != 0);
    private static readonly FileSystemTool Xfs = new("xfs_repair", ["-n"], "xfs_repair", code => code == 1);
    private static readonly FileSystemTool Btrfs = new("btrfs", ["check", "--readonly"], "btrfs scrub", code => code == 1);
    private static readonly FileSystemTool Fat = new("fsck.fat", ["-n"], "fsck.fat -a", code => code == 1);

    /// <summary>The tool for a kind; <see langword="null"/> for one that is not checked.</summary>
    /// <param name="content">What the volume holds, by blkid's name.</param>
    public static FileSystemTool? For(string? content) => content switch
    {
        "ext2" or "ext3" or "ext4" => Ext,
        "xfs" => Xfs,
        "btrfs" => Btrfs,
        "vfat" => Fat,
        _ => null,
    };

    /// <summary>The command for a device.</summary>
    /// <param name="device">Its path.</param>
    public Command CommandFor(string device) => new(Program, [.. Arguments, device]);

    /// <summary>The first things that it found, in one line.</summary>
    /// <param name="output">What it wrote.</param>
    /// <param name="device">The device, which is named otherwise in the guest.</param>
    /// <param name="name">Its name in the guest.</param>
    public static string Summary(string output, string device, string name)
    {
        var found = output.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0 && !Array.Exists(Progress, start => line.StartsWith(start, StringComparison.Ordinal))).ToList();
        return string.Join("; ", found.Take(MostLines)).Replace(device, name, StringComparison.Ordinal) + (found.Count > MostLines ? " …" : string.Empty);
    }
}
