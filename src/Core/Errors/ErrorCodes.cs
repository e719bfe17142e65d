using System.Reflection;

namespace Hyper2Kvm.Core.Errors;

/// <summary>
/// The one table of failures. Exit codes: 0 done, 2 usage, 10 to 29 input, 30 to 49 convert, 50 to 64 output setup,
/// 65 to 74 copy, 75 to 84 output final, 85 to 99 supervisor and host, 130 interrupted.
/// </summary>
/// <remarks>A number, once released, never changes its meaning. <c>docs/exit-codes.md</c> is made from this table and a test holds it to it.</remarks>
public static class ErrorCodes
{
    /// <summary>The command line or a document was wrong.</summary>
    public static readonly ErrorCode Usage = new("usage", 2, "The command line is wrong.", "See --help.");

    /// <summary>A document of the work directory cannot be read by this version.</summary>
    public static readonly ErrorCode Document = new("document", 3, "A document of the work directory is missing, damaged or of another version.", "Run the step that writes it again, with programs of one version.");

    /// <summary>A step of the input failed in a way that has no code of its own.</summary>
    public static readonly ErrorCode Input = new("input.failed", 10, "The source could not be opened.", "Read logs/input-*.log in the work directory.");

    /// <summary>The source does not exist.</summary>
    public static readonly ErrorCode InputMissing = new("input.missing", 11, "The source does not exist.", "Check the path.");

    /// <summary>The source may not be read.</summary>
    public static readonly ErrorCode InputPermission = new("input.permission", 12, "The source may not be read.", "Give this user read permission, or run as root.");

    /// <summary>The source has no content.</summary>
    public static readonly ErrorCode InputEmpty = new("input.empty", 13, "The source is empty.", "The export or upload did not finish: make it again.");

    /// <summary>The source is not of the format that was asked for.</summary>
    public static readonly ErrorCode InputFormat = new("input.format", 14, "The source is not of the expected format.", "Name the right input type with -i, or the format with -if.");

    /// <summary>The source ends before its own headers say.</summary>
    public static readonly ErrorCode InputTruncated = new("input.truncated", 15, "The source is shorter than its headers say.", "The export or upload did not finish: make it again.");

    /// <summary>A file that the source refers to does not exist.</summary>
    public static readonly ErrorCode InputExtentMissing = new("input.extent-missing", 16, "A file that the source names is missing.", "Put the missing file beside the descriptor.");

    /// <summary>The source is damaged.</summary>
    public static readonly ErrorCode InputCorrupt = new("input.corrupt", 17, "The source is damaged.", "Make the export again.");

    /// <summary>The source uses a feature that is not supported.</summary>
    public static readonly ErrorCode InputUnsupported = new("input.unsupported", 18, "The source uses a feature that is not supported.", "Export the guest in another format, without snapshots.");

    /// <summary>The source is in use by another program.</summary>
    public static readonly ErrorCode InputBusy = new("input.busy", 19, "The source is in use.", "Shut the guest down first.", CanPass: true);

    /// <summary>A server of the source did not come up or died.</summary>
    public static readonly ErrorCode InputServer = new("input.server", 20, "The server of a source disk did not start or died.", "Read logs/input-*.log in the work directory.", CanPass: true);

    /// <summary>The conversion failed in a way that has no code of its own.</summary>
    public static readonly ErrorCode Convert = new("convert.failed", 30, "The guest could not be converted.", "Read logs/convert.log in the work directory.");

    /// <summary>No operating system was found.</summary>
    public static readonly ErrorCode ConvertNoSystem = new("convert.no-system", 31, "No operating system was found on the disks.", "Name all disks of the guest, the one that it boots from first.");

    /// <summary>An operating system was found that cannot be converted.</summary>
    public static readonly ErrorCode ConvertUnsupported = new("convert.unsupported", 32, "This operating system is not supported.", "See docs/architecture.md for what is supported.");

    /// <summary>Several systems, and none was chosen.</summary>
    public static readonly ErrorCode ConvertManyRoots = new("convert.many-roots", 33, "Several operating systems were found.", "Choose one with --root first or --root /dev/sdXN.");

    /// <summary>A file system that the system needs cannot be mounted for writing.</summary>
    public static readonly ErrorCode ConvertMount = new("convert.mount", 34, "A file system of the guest cannot be mounted for writing.", "Shut the guest down cleanly at its source, check its file systems, and export it again.");

    /// <summary>No installed kernel of the guest can drive virtio.</summary>
    public static readonly ErrorCode ConvertKernel = new("convert.kernel", 35, "The guest has no kernel that can be made to boot on KVM.", "Install a distribution kernel in the guest.");

    /// <summary>No room in a file system of the guest.</summary>
    public static readonly ErrorCode ConvertNoSpace = new("convert.no-space", 36, "A file system of the guest has no room for the conversion.", "Free at least 100 MiB on / and 50 MiB on /boot in the guest.");

    /// <summary>An initramfs of the guest cannot be edited.</summary>
    public static readonly ErrorCode ConvertInitramfs = new("convert.initramfs", 37, "An initramfs of the guest cannot be edited.", "Rebuild it in the guest with a usual compression (gzip, zstd, xz, lz4), or convert with --rebuild-initramfs=guest.");

    /// <summary>The bootloader of the guest is not known.</summary>
    public static readonly ErrorCode ConvertBootloader = new("convert.bootloader", 38, "The bootloader of the guest is not known.", "Install grub2 in the guest.");

    /// <summary>A file of the guest is not what a file of its name should be.</summary>
    public static readonly ErrorCode ConvertHostile = new("convert.guest-file", 39, "A file of the guest is not what it should be.", "Look at the named file in the guest.");

    /// <summary>The connection to a disk of the guest was lost.</summary>
    public static readonly ErrorCode ConvertDisk = new("convert.disk", 40, "A disk of the guest could not be read or written during the conversion.", "See the input step's log; check free space in the work directory's file system.", CanPass: true);

    /// <summary>A volume that is needed is encrypted, and no key was given for it.</summary>
    public static readonly ErrorCode ConvertLocked = new("convert.locked", 41, "A volume of the guest is encrypted, and no key was given for it.", "Give its passphrase: --key UUID:file:PATH.");

    /// <summary>The keys that were given do not open a volume, or cannot be read.</summary>
    public static readonly ErrorCode ConvertKey = new("convert.key", 42, "No key that was given opens an encrypted volume of the guest.", "Check the passphrase and which volume --key names.");

    /// <summary>The finished image would not boot.</summary>
    public static readonly ErrorCode ConvertVerify = new("convert.verify", 43, "The guest's image does not pass its verification: it would not boot, or not whole.", "Read the findings in report.json or verification.json, and correct them in the guest at its source.");

    /// <summary>A file system of the guest is damaged.</summary>
    public static readonly ErrorCode ConvertFileSystem = new("convert.filesystem", 44, "A file system of the guest is damaged.", "Check it in the guest at its source (e2fsck -f, xfs_repair, btrfs check), and export the guest again.");

    /// <summary>Something that the user wants in the guest cannot be put there.</summary>
    public static readonly ErrorCode ConvertCustomise = new("convert.customise", 45, "A customisation cannot be made in this guest.", "Check the option that the message names, and the file in the guest.");

    /// <summary>The guest's own tool did not make an initramfs that boots.</summary>
    public static readonly ErrorCode ConvertRebuild = new("convert.rebuild", 46, "The guest's own tool could not make a usable initramfs.", "Leave out --rebuild-initramfs=guest: the initramfs is edited then.");

    /// <summary>The output could not be set up.</summary>
    public static readonly ErrorCode OutputSetup = new("output.failed", 50, "The target could not be prepared.", "Read logs/output-*.log in the work directory.");

    /// <summary>Something of this name is on the target already.</summary>
    public static readonly ErrorCode OutputExists = new("output.exists", 51, "The target exists already.", "Choose another name with -on, or remove it.");

    /// <summary>The target may not be written.</summary>
    public static readonly ErrorCode OutputPermission = new("output.permission", 52, "The target may not be written.", "Choose another place with -os, or give this user permission to write there.");

    /// <summary>The place of the target does not exist.</summary>
    public static readonly ErrorCode OutputMissing = new("output.missing", 53, "The place for the target does not exist.", "Make it first, or choose another with -os.");

    /// <summary>The target has not enough room.</summary>
    public static readonly ErrorCode OutputNoSpace = new("output.no-space", 54, "The target has not enough free space.", "Free space there, or choose another place with -os.", CanPass: true);

    /// <summary>libvirt refused or cannot be reached.</summary>
    public static readonly ErrorCode OutputLibvirt = new("output.libvirt", 55, "libvirt refused or cannot be reached.", "Check that libvirtd runs and that -oc names it.", CanPass: true);

    /// <summary>A server of a target disk did not come up or died.</summary>
    public static readonly ErrorCode OutputServer = new("output.server", 56, "The server of a target disk did not start or died.", "Read logs/output-*.log in the work directory.", CanPass: true);

    /// <summary>The copy failed in a way that has no code of its own.</summary>
    public static readonly ErrorCode Copy = new("copy.failed", 65, "A disk could not be copied.", "Read logs/copy.log in the work directory.");

    /// <summary>A source disk gave an error while it was copied.</summary>
    public static readonly ErrorCode CopyRead = new("copy.read", 66, "A source disk could not be read.", "Check the source: it may be damaged or truncated.");

    /// <summary>A target disk gave an error while it was copied.</summary>
    public static readonly ErrorCode CopyWrite = new("copy.write", 67, "A target disk could not be written.", "Check the target's storage.", CanPass: true);

    /// <summary>The target ran out of space.</summary>
    public static readonly ErrorCode CopyNoSpace = new("copy.no-space", 68, "The target ran out of space.", "Free space there, or choose another place with -os.", CanPass: true);

    /// <summary>A server broke the connection or the protocol.</summary>
    public static readonly ErrorCode CopyConnection = new("copy.connection", 69, "The connection to a disk's server was lost or its answers are wrong.", "Run again; if it stays, read the servers' logs.", CanPass: true);

    /// <summary>The target does not read back as it was written.</summary>
    public static readonly ErrorCode CopyVerify = new("copy.verify", 70, "The target does not read back as it was written.", "Do not use this storage until its hardware was checked.");

    /// <summary>The guest could not be made on the target.</summary>
    public static readonly ErrorCode OutputFinal = new("final.failed", 75, "The guest could not be finished on the target.", "Read logs/output-*.log in the work directory.");

    /// <summary>libvirt did not take the domain.</summary>
    public static readonly ErrorCode FinalLibvirt = new("final.libvirt", 76, "libvirt did not accept the guest.", "Read libvirt's message; the disks were removed again.");

    /// <summary>Something in the supervisor itself.</summary>
    public static readonly ErrorCode Supervisor = new("supervisor.failed", 85, "hyper2kvm itself failed.", "This is a defect: please report it with the log.");

    /// <summary>A tool that is needed is not installed.</summary>
    public static readonly ErrorCode ToolMissing = new("host.tool-missing", 86, "A program that is needed is not installed.", "Run `hyper2kvm doctor`: it prints the command that installs what is missing.");

    /// <summary>A helper program was killed or crashed.</summary>
    public static readonly ErrorCode HelperDied = new("supervisor.helper-died", 87, "A helper program was killed or crashed.", "Where the kernel killed it for want of memory (`dmesg`), run fewer conversions at once or give the host more; otherwise run again, and report it with the log if it stays.", CanPass: true);

    /// <summary>The work directory cannot be made, is in use or full.</summary>
    public static readonly ErrorCode WorkDirectory = new("host.work-directory", 88, "The work directory cannot be used.", "Choose another with --work, with free space for what the conversion changes.", CanPass: true);

    /// <summary>More rights are needed.</summary>
    public static readonly ErrorCode HostPermission = new("host.permission", 89, "More rights are needed on this host.", "Run as root.");

    /// <summary>A check of <c>doctor</c> or <c>cleanup</c> failed.</summary>
    public static readonly ErrorCode Doctor = new("host.not-ready", 90, "Something is missing on this host.", "Run the commands that doctor prints.");

    /// <summary>Left-overs could not be removed.</summary>
    public static readonly ErrorCode Cleanup = new("host.cleanup", 91, "Something that was left behind could not be removed.", "Remove what is named by hand.");

    /// <summary>The appliance of libguestfs is not installed, or does not start.</summary>
    public static readonly ErrorCode HostAppliance = new("host.appliance", 92, "The libguestfs appliance is missing or does not start.", "apt-get install libguestfs-tools linux-image-cloud-amd64. Where KVM does not work: export LIBGUESTFS_BACKEND_SETTINGS=force_tcg. Or run as root with --backend direct.");

    /// <summary>The daemon's configuration is wrong.</summary>
    public static readonly ErrorCode Configuration = new("daemon.configuration", 93, "The configuration is wrong.", "Look at the line that the message names; docs/examples/daemon.yaml shows every key.");

    /// <summary>The daemon's own files cannot be used, or another daemon has them.</summary>
    public static readonly ErrorCode DaemonState = new("daemon.state", 94, "The daemon's own folder cannot be used.", "One daemon has one output_dir; check its permissions and free space.");

    /// <summary>A job of the daemon took longer than it may.</summary>
    public static readonly ErrorCode JobTimeout = new("daemon.job-timeout", 95, "A job took longer than job_limits.timeout.", "Look at the step that it stood at; raise the limit for large guests or slow targets.", CanPass: true);

    /// <summary>Nobody answers on the daemon's control socket.</summary>
    public static readonly ErrorCode DaemonUnreachable = new("daemon.unreachable", 96, "The daemon does not run, or does not answer.", "Start it (systemctl start hyper2kvm), or name its socket with --socket or its output folder with --output-dir.");

    /// <summary>The daemon answered a command with an error.</summary>
    public static readonly ErrorCode DaemonRefused = new("daemon.refused", 97, "The daemon refused a command.", "See docs/daemon-control.md.");

    /// <summary>Interrupted by a signal.</summary>
    public static readonly ErrorCode Interrupted = new("interrupted", 130, "Interrupted.", "Nothing was left on the target; run again.", CanPass: true);

    /// <summary>All codes, by exit code.</summary>
    /// <remarks>Found by reflection, on demand: only documents and tests ask, never a conversion.</remarks>
    public static IReadOnlyList<ErrorCode> All =>
        [.. typeof(ErrorCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Where(member => member.FieldType == typeof(ErrorCode))
            .Select(member => (ErrorCode)member.GetValue(null)!)
            .OrderBy(code => code.ExitCode)];
}
