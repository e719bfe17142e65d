using System.Diagnostics;
using System.Globalization;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Processes;
using Hyper2Kvm.Guest.Mounting;
using Hyper2Kvm.Guest.Native;

namespace Hyper2Kvm.Guest.Sandbox;

/// <summary>Runs programs of a guest by bubblewrap, as root of a user namespace whose ids are nobody's on the host, with the guest's tree as their root.</summary>
/// <param name="tree">The guest's mounts.</param>
/// <param name="unshown">Mount points that are in no mount of the kernel: FAT volumes that mtools serves.</param>
/// <param name="log">File for what they write; <see langword="null"/> for none.</param>
internal sealed class GuestSandbox(MountTree tree, IReadOnlyCollection<string> unshown, string? log) : IGuestPrograms
{
    private const long Mebibyte = 1 << 20;

    /// <summary>Of all its processes and tmpfs together; dracut with xz on many processors takes a third of it.</summary>
    private const long MostMemory = 4096 * Mebibyte;

    /// <summary>An unpacked initramfs of a Red Hat with firmware is 300 MiB, and it is made in two of them.</summary>
    private const long LargestTemporary = 2048 * Mebibyte;

    private const long LargestFile = 1024 * Mebibyte;
    private const int MostProcesses = 512;

    /// <summary>Capabilities over the guest's own files, and chroot(2), through which dracut runs ldconfig.</summary>
    private static readonly string[] Capabilities = ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_SETGID", "CAP_SETUID", "CAP_SYS_CHROOT"];

    /// <summary>Directories that are empty and its own, where the guest has them.</summary>
    private static readonly string[] Temporary = ["/tmp", "/run", "/var/tmp", "/var/log"];

    /// <summary>What tells of the host's disks, modules and arguments: tools would build an initramfs for the host by them.</summary>
    private static readonly string[] Hidden = ["/proc/cmdline", "/proc/diskstats", "/proc/mdstat", "/proc/modules", "/proc/partitions", "/proc/swaps"];

    private static readonly string[] Namespaces =
        ["--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts", "--unshare-cgroup-try", "--die-with-parent", "--new-session", "--hostname", "sandbox", "--seccomp", "9"];

    /// <summary>
    /// Enters the control group, keeps its input, which is the filter, as descriptor 9, and becomes the rest. A shell, since nothing else of a host joins a group before
    /// it starts a program; it gets its words as arguments.
    /// </summary>
    private const string Entry = "echo $$ > \"$0\" && exec 9<&0 < /dev/null && exec \"$@\" 2>&1";

    /// <inheritdoc/>
    public void Require(IReadOnlyList<string> writable)
    {
        foreach (var program in new[] { "bwrap", "nsenter", "prlimit", "unshare" })
        {
            ToolPackages.Require(program);
        }

        if (SystemCallFilter.Program() is null)
        {
            throw new StepException(ErrorCodes.ConvertRebuild, "programs of the guest cannot be confined: the system calls of this host's architecture are not known here", "Leave out --rebuild-initramfs=guest.");
        }

        if (unshown.FirstOrDefault(point => writable.Any(path => path == point || path.StartsWith(point + "/", StringComparison.Ordinal))) is { } fat)
        {
            throw new StepException(ErrorCodes.ConvertRebuild, $"{fat} is a FAT file system, which this host's kernel cannot mount for the guest's programs", "Load the module vfat on this host (modprobe vfat), or leave out --rebuild-initramfs=guest.");
        }

        using var users = SandboxUsers.Create();
        tree.Show(users.Handle, new Dictionary<string, ReadOnlyMemory<byte>>(), () => true);
    }

    /// <inheritdoc/>
    public GuestProgramResult Run(GuestProgram program, CancellationToken cancel)
    {
        using var output = new SandboxLog(log);
        using var memory = MemoryGroup.TryCreate(MostMemory);
        using var users = SandboxUsers.Create();
        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var shown = program.Shown.Select((file, index) => (Path: file.Key, Name: index.ToString(CultureInfo.InvariantCulture), file.Value)).ToList();
        var files = shown.Select(file => (file.Name, file.Value)).Append(("empty", ReadOnlyMemory<byte>.Empty)).ToDictionary();
        output.Say($"{string.Join(' ', program.Command)}{(memory is null ? " (no control group can be made here: memory is limited for each process only)" : string.Empty)}");
        return tree.Show(users.Handle, files, () =>
        {
            List<string> options = [.. Limits(), "--", ToolPackages.Require("bwrap"), .. Namespaces, .. View(program, shown.ToDictionary(file => file.Path, file => file.Name)), "--", .. program.Command];
            var inside = tree.Inside(new Command("nsenter", [$"--user={users.Path}", "--", ToolPackages.Require("prlimit"), .. options]));
            var command = new Command("sh", ["-c", Entry, memory?.Members ?? "/dev/null", ToolPackages.Require(inside.Program), .. inside.Arguments]) { Input = SystemCallFilter.Program(), Grace = TimeSpan.Zero };
            time.CancelAfter(program.Longest);

            // A descriptor of ours, had one been opened by a library without O_CLOEXEC, would be a way out.
            _ = NativeMethods.KeepDescriptors();
            var clock = Stopwatch.StartNew();
            using var child = ChildProcess.Start(command, output.Read);
            try
            {
                return new GuestProgramResult(child.Wait(time.Token), clock.Elapsed, output.LastLines, TimedOut: false);
            }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
            {
                return new GuestProgramResult(128 + 9, clock.Elapsed, output.LastLines, TimedOut: true);
            }
            finally
            {
                users.KillAll();
            }
        });
    }

    private static IEnumerable<string> Limits()
        => [$"--nproc={MostProcesses}", $"--as={MostMemory}", $"--fsize={LargestFile}", "--core=0"];

    /// <summary>What it sees: the guest read-only, the directories that it writes, files of its own; /proc of its processes, devices without disks.</summary>
    /// <remarks>bubblewrap follows links of a path on the host (realpath(3)): only paths without any link are given to it, or a guest whose /var is a link to /etc would be shown the host's.</remarks>
    private IEnumerable<string> View(GuestProgram program, IReadOnlyDictionary<string, string> shown)
    {
        if (!tree.IsPlain("/proc") || !tree.IsPlain("/dev"))
        {
            throw new StepException(ErrorCodes.ConvertRebuild, "/proc or /dev of the guest is no directory: its programs cannot be run", "Make it one in the guest, or leave out --rebuild-initramfs=guest.");
        }

        using var files = tree.OpenFiles();
        bool IsPlainFile(string path) => tree.IsPlain(path[..path.LastIndexOf('/')]) && files.Status(path, followLinks: false)?.Kind == GuestFileKind.File;
        List<string> view = ["--ro-bind", MountTree.ShownRoot, "/"];
        foreach (var directory in program.Writable.Where(tree.IsPlain))
        {
            view.AddRange(["--bind", MountTree.ShownRoot + directory, directory]);
        }

        foreach (var directory in Temporary.Where(tree.IsPlain))
        {
            view.AddRange(["--size", $"{LargestTemporary}", "--tmpfs", directory]);
        }

        view.AddRange(["--proc", "/proc", "--dev", "/dev"]);
        foreach (var path in Hidden.Where(File.Exists))
        {
            view.AddRange(["--ro-bind", $"{MountTree.ShownFiles}/empty", path]);
        }

        foreach (var (path, name) in shown.Where(file => IsPlainFile(file.Key)))
        {
            view.AddRange(["--ro-bind", $"{MountTree.ShownFiles}/{name}", path]);
        }

        view.AddRange(["--cap-drop", "ALL", .. Capabilities.SelectMany(name => new[] { "--cap-add", name })]);
        view.AddRange(["--chdir", "/", "--clearenv", "--setenv", "PATH", "/usr/sbin:/usr/bin:/sbin:/bin", "--setenv", "HOME", "/root", "--setenv", "LC_ALL", "C"]);
        return [.. view, .. program.Environment.SelectMany(variable => new[] { "--setenv", variable.Key, variable.Value })];
    }
}
