using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Programs;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Boot;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Initramfs;

/// <summary><c>--rebuild-initramfs=guest</c>: the guest's own tool makes an initramfs, in a sandbox, from the settings that <see cref="RebuildSettingsStep"/> leaves; what it made is read before it counts.</summary>
internal static partial class GuestRebuild
{
    /// <summary>Name of the log of what the tool writes.</summary>
    public const string Log = "rebuild-initramfs";

    private const string ToolsDirectory = "/etc/initramfs-tools";
    private const string Remedy = "Leave out --rebuild-initramfs=guest: the initramfs is edited then, without running anything of the guest.";

    /// <summary>A rebuild takes 20 s; with xz for a hundred megabytes, on a loaded host, some minutes.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(15);

    /// <summary>Where the tools keep what they know of images that they made.</summary>
    private static readonly string[] States = ["/var/lib/initramfs-tools"];

    /// <summary>dracut tries to make device nodes, which nobody may in a user namespace; an initramfs needs none, the kernel makes its own.</summary>
    private static readonly Dictionary<string, string> Environment = new(StringComparer.Ordinal) { ["DRACUT_NO_MKNOD"] = "1", ["DRACUT_NO_XATTR"] = "1" };

    /// <summary>Whether it is asked for.</summary>
    /// <param name="options">Options of the conversion.</param>
    /// <exception cref="StepException">The job has another value than the option takes (<see cref="ErrorCodes.Usage"/>).</exception>
    public static bool IsAskedFor(JobConvert options) => options.RebuildInitramfs switch
    {
        "guest" => true,
        RebuildOption.Default => false,
        var other => throw new StepException(ErrorCodes.Usage, $"rebuildInitramfs is '{other}'", "Take edit or guest."),
    };

    /// <summary>Plans the run for an initramfs that lacks something, or cannot be read.</summary>
    /// <param name="guest">The guest.</param>
    /// <param name="kernel">The kernel that it is for.</param>
    /// <param name="path">The initramfs.</param>
    /// <param name="plan">Where the edit goes.</param>
    /// <param name="cancel">Stops tools of the host.</param>
    /// <exception cref="StepException">It cannot be run for this guest or on this host (<see cref="ErrorCodes.ConvertRebuild"/>, <see cref="ErrorCodes.ToolMissing"/>).</exception>
    public static void Plan(LinuxGuest guest, InstalledKernel kernel, string path, StepPlan plan, CancellationToken cancel)
    {
        var interrupted = !guest.Files.HasFile(path);
        var source = interrupted ? InitramfsFile.Kept(path) : path;
        if (interrupted)
            plan.Edit(new RenameFile(source, path, "put back what a conversion that was killed left under another name"));
        if (Need(guest, kernel, source, path, plan, cancel) is not { } need)
        {
            plan.Note($"the kernel {kernel.Version} has all drivers in its initramfs or built in", path);
            return;
        }

        var command = RebuildCommand.InSandbox(guest.Files, kernel.Version, path)
            ?? throw Refused($"{path}: the guest has no tool that is known to make an initramfs (update-initramfs, dracut, mkinitcpio, mkinitfs, mkinitrd)");
        var host = RuntimeInformation.ProcessArchitecture switch
        {
            Architecture.X64 => "x86_64",
            Architecture.Arm64 => "aarch64",
            var other => other.ToString().ToLowerInvariant(),
        };
        if (guest.Input.Architecture != host)
            throw Refused($"{path}: the guest's programs are for {guest.Input.Architecture ?? "an architecture that cannot be told"}, this host is {host}: {command[0]} cannot be run here");
        var program = new GuestProgram
        {
            Command = command,
            Writable = [.. new[] { path[..path.LastIndexOf('/')] }.Concat(States.Where(guest.Files.HasDirectory))],
            Shown = OfAnyHardware(guest.Files),
            Environment = Environment,
            Longest = Longest,
        };
        guest.Input.Programs.Require(program.Writable);
        plan.Note($"{string.Join(' ', command)} is run in a sandbox", path);
        plan.Edit(new RebuildInitramfs(path, need, kernel.Version, program));
    }

    /// <summary>Runs the tool and reads what it made. An image that would not boot is replaced by the one that was there, and the run fails: the user asked for this way, and is told to take the other.</summary>
    /// <param name="guest">The guest, mounted for writing.</param>
    /// <param name="concern">The step's name.</param>
    /// <param name="edit">What was planned.</param>
    /// <param name="cancel">Stops the tool.</param>
    /// <returns>The run, and each file that it changed.</returns>
    /// <exception cref="StepException">The tool failed, or its image is of no use (<see cref="ErrorCodes.ConvertRebuild"/>).</exception>
    public static IReadOnlyList<ReportChange> Run(LinuxGuest guest, string concern, RebuildInitramfs edit, CancellationToken cancel)
    {
        var files = guest.Files;
        var changes = new List<ReportChange>();
        var old = files.ReadBounded(edit.Path, InitramfsStep.LargestFile);
        var label = files.Label(edit.Path);
        var kept = InitramfsFile.Kept(edit.Path);
        var isKept = files.HasFile(kept);
        if (!isKept)
        {
            files.Copy(edit.Path, kept);
            changes.Add(new ReportChange { Concern = concern, Action = "copy", Path = edit.Path, Reason = $"to {kept}: the file as it was is kept; remove it once the guest runs" });
        }

        var before = FileDigests.Of(files, edit.Program.Writable);
        try
        {
            var ended = guest.Input.Programs.Run(edit.Program, cancel);
            var words = string.Join(' ', edit.Program.Command);
            Require(ended, words);
            RebuiltCheck.Require(guest, guest.Kernels.First(kernel => kernel.Version == edit.KernelVersion), edit.Path, old, words, cancel);
            changes.Add(new ReportChange { Concern = concern, Action = "run", Path = edit.Program.Command[0], Reason = string.Create(CultureInfo.InvariantCulture, $"{words}, in a sandbox, {ended.Time.TotalSeconds:0.0} s: {edit.Reason}") });
        }
        catch
        {
            files.Write(edit.Path, old);
            if (!isKept)
                files.Delete(kept);
            throw;
        }

        if (label is not null && files.Label(edit.Path) != label)
            _ = files.SetLabel(edit.Path, label);
        changes.AddRange(before.Changes(FileDigests.Of(files, edit.Program.Writable)).Select(change => new ReportChange
        {
            Concern = concern,
            Action = change.Action,
            Path = change.Path,
            Reason = $"made by {edit.Program.Command[0]}",
            BytesBefore = change.Before,
            BytesAfter = change.After,
        }));
        return changes;
    }

    /// <summary>What an initramfs lacks, in words; <see langword="null"/> where it needs nothing.</summary>
    private static string? Need(LinuxGuest guest, InstalledKernel kernel, string source, string path, StepPlan plan, CancellationToken cancel)
    {
        try
        {
            var image = InitramfsImage.Read(guest.Files.ReadBounded(source, InitramfsStep.LargestFile), cancel);
            var content = InitramfsWants.Of(guest, kernel, image, path, plan, cancel);
            return content.IsEmpty ? null : string.Join("; ", content.Reasons);
        }
        catch (InitramfsFormatException unusable)
        {
            return $"it cannot be edited: {unusable.Message}";
        }
    }

    /// <summary>initramfs-tools for the hardware at hand alone (<c>MODULES=dep</c>) looks into /sys and fails without it: in the sandbox it is told to take what most machines need.</summary>
    private static Dictionary<string, ReadOnlyMemory<byte>> OfAnyHardware(IGuestFiles files)
        => new[] { $"{ToolsDirectory}/initramfs.conf" }.Concat(files.List($"{ToolsDirectory}/conf.d").Select(name => $"{ToolsDirectory}/conf.d/{name}"))
            .Select(path => (Path: path, Text: files.ReadText(path)))
            .Where(file => file.Text is not null && Dependent().IsMatch(file.Text))
            .ToDictionary(file => file.Path, file => (ReadOnlyMemory<byte>)GuestText.Bytes(Dependent().Replace(file.Text!, "MODULES=most")), StringComparer.Ordinal);

    private static void Require(GuestProgramResult ended, string words)
    {
        if (ended is { TimedOut: false, ExitCode: 0 })
            return;
        var how = ended.TimedOut ? $"did not end within {Longest.TotalMinutes:0} minutes and was killed" : $"failed with exit status {ended.ExitCode}";
        throw Refused($"{words} {how}{(ended.LastLines.Count > 0 ? $": {string.Join(" | ", ended.LastLines)}" : string.Empty)}", $"Read logs/{Log}.log in the work directory. {Remedy}");
    }

    private static StepException Refused(string message, string hint = Remedy) => new(ErrorCodes.ConvertRebuild, message, hint);

    [GeneratedRegex("^MODULES=[\"']?dep[\"']?[ \\t]*$", RegexOptions.Multiline)]
    private static partial Regex Dependent();
}
