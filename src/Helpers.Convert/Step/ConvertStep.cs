using System.Diagnostics;
using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Keys;
using Hyper2Kvm.Core.Programs;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Guest.Mounting;
using Hyper2Kvm.Guest.Attach;
using Hyper2Kvm.Guest.Inspection;
using Hyper2Kvm.Helpers.Convert.Inspection;
using Hyper2Kvm.Helpers.Convert.Linux;
using Hyper2Kvm.Helpers.Convert.Linux.Initramfs;

namespace Hyper2Kvm.Helpers.Convert.Step;

/// <summary>The step of the pipeline: opens the guest's disks, converts its system, gives back what no file uses, closes.</summary>
internal sealed partial class ConvertStep
{
    private readonly StepContext _context;
    private readonly Job _job;
    private readonly SourceMetadata _source;
    private readonly List<ReportTiming> _timings = [];
    private readonly IReadOnlyList<GuestKey> _keys;
    private readonly List<GuestVolume> _discarded = [];

    private ConvertStep(StepContext context, StepChoices choices)
    {
        _context = context;
        _source = context.Work.LoadSource();
        _job = context.Work.LoadJob();
        _keys = choices.KeysOf(_job.Convert);
        var convert = choices.ApplyTo(_job.Convert);
        if (convert != _job.Convert)
        {
            _job = _job with { Convert = convert };
            context.Work.Save(_job);
        }
    }

    /// <summary>Converts; writes <c>metadata.out</c> and <c>report.json</c>.</summary>
    /// <param name="context">The step.</param>
    /// <param name="choices">What was said on the command line.</param>
    public static void Convert(StepContext context, StepChoices choices) => new ConvertStep(context, choices).Convert();

    /// <summary>Looks only; writes <c>inspection.json</c>.</summary>
    /// <param name="context">The step.</param>
    /// <param name="choices">What was said on the command line; no root: all systems.</param>
    public static void Inspect(StepContext context, StepChoices choices) => new ConvertStep(context, choices).Inspect(choices.Root);

    private void Convert()
    {
        using var machine = Timed("open disks", () => Open(readOnly: false));
        var system = Timed("find system", () => ChooseSystem(machine));
        var (plan, volumes) = Timed("look", () => PlanUnwritten(machine, system));
        var before = CheckBefore(machine, system, volumes, isReplayed: plan is not null);
        using var guest = Timed("mount", () => MountForWriting(machine, system));
        plan ??= Timed("plan", () => WithInput(machine, guest, input => LinuxConversion.Plan(input, _context.Cancel)));
        var (target, report) = Timed("convert", () => plan.Apply(guest.Files, Programs(guest), _context.Cancel));
        Timed("trim", () =>
        {
            var bytes = guest.Trim();
            _context.Log.Information("trimmed {Bytes} bytes", bytes);
            return bytes;
        });
        Timed("close", () =>
        {
            guest.Close();
            return 0;
        });
        var after = Timed("check file systems after", () => machine.CheckFileSystems(volumes, LongestCheck, _context.Cancel));
        var verification = Timed("verify", () => Verify(machine, system, target.Nics, plan.Checked));
        verification = WithFileSystems(verification, before, after);
        report = report with { Verification = verification, Warnings = [.. _discarded.Select(Warning), .. before.Where(IsDamaged).Select(Warning), .. guest.Unmounted.Select(Warning), .. guest.Mounts.SelectMany(Warnings), .. report.Warnings] };
        foreach (var warning in report.Warnings)
        {
            _context.Warn(warning.Path is null ? warning.Message : $"{warning.Path}: {warning.Message}", warning.Hint);
        }

        LogCaches(machine);
        _context.Work.Save(report with { Backend = Describe(machine.Backend), Volumes = Volumes(machine, guest), Timings = [.. _timings, .. report.Timings.Select(part => part with { Name = $"convert: {part.Name}" })] });
        Require(verification, report.Warnings);
        _context.Work.Save(TargetNetworks.Apply(target, _job.Output, (message, hint) => _context.Warn(message, hint)));
    }

    private void Inspect(string? root)
    {
        using var machine = Timed("open disks", () => Open(readOnly: true));
        var systems = Timed("find systems", () => root is null ? machine.FindSystems() : [machine.ChooseSystem(root)]);
        var inspection = Timed("look into systems", () => GuestInspector.Inspect(machine, _source, systems));
        LogCaches(machine);
        _context.Work.Save(inspection with { Backend = Describe(machine.Backend), Timings = _timings });
    }

    private GuestMachine Open(bool readOnly)
    {
        var disks = _source.Disks.OrderBy(disk => disk.Index).Select(disk =>
        {
            var socket = _context.Work.InSocket(disk.Index);
            return File.Exists(socket)
                ? GuestDiskSource.Socket(socket, readOnly)
                : throw new StepException(ErrorCodes.ConvertDisk, $"{socket} does not exist: no server serves disk {disk.Index}", "Run the input step first, and keep its owner alive.", disk: disk.Index);
        });
        var options = new GuestOptions
        {
            Workers = _job.Convert.Workers > 0 ? _job.Convert.Workers : GuestOptions.DefaultWorkers,
            Keys = _keys,
            Backend = BackendOf(_job.Convert.Backend),
            OnRetry = retry => _context.Warn(retry.Message, disk: retry.Disk),
        };
        var machine = GuestMachine.Open([.. disks], _context.Work.Path, options, _context.Cancel);
        _context.Log.Information("backend: {Backend} ({Reason})", NameOf(machine.Backend.Backend), machine.Backend.Reason);
        foreach (var volume in machine.Volumes.Where(volume => volume.Lock == VolumeLock.WrongKey))
        {
            _context.Warn($"{volume.Device} stays closed: {volume.Problem}", disk: volume.Disk);
        }

        foreach (var key in machine.UnmatchedKeys)
        {
            _context.Warn($"{key} was not used: no encrypted volume of the guest is of that name", "It names a device (/dev/sda2) or the UUID of an encrypted volume; `hyper2kvm inspect` shows both.");
        }

        return machine;
    }

    private void LogCaches(GuestMachine machine)
    {
        foreach (var count in machine.CacheCounts)
        {
            _context.Log.Debug("cache of {Name}: {Hits} hits, {Misses} misses", count.Name, count.Hits, count.Misses);
        }
    }

    private GuestSystem FindSystem(GuestMachine machine)
    {
        try
        {
            var system = machine.ChooseSystem(_job.Convert.Root);
            _context.Log.Information("system: {System} on {Device}", system.OperatingSystem.ProductName, system.Volume.Device);
            return system;
        }
        catch (StepException none) when (none.Code != ErrorCodes.ConvertManyRoots)
        {
            throw new StepException(none.Code, $"{string.Join(", ", _source.Disks.Select(disk => disk.Path))}: {none.Message}", none.Hint, none);
        }
    }

    private GuestSystem ChooseSystem(GuestMachine machine)
    {
        var system = FindSystem(machine);
        if (system.Windows is { } windows)
        {
            throw new StepException(
                ErrorCodes.ConvertUnsupported,
                $"{system.Volume.Device} holds {system.OperatingSystem.ProductName}{(windows.Build is { } build ? $" (build {build})" : string.Empty)}: Windows is not converted yet",
                "`hyper2kvm inspect` shows it. Where a Linux is on the disks too, choose it with --root.");
        }

        return system;
    }

    /// <summary>Plans before anything of the guest is mounted for writing: a guest that is refused is left as it was, byte for byte.</summary>
    /// <returns>The volumes that are mounted, and the plan; none where a journal has to be replayed first, since its file system is an old one until then. Such a guest has to be one that can be converted, too.</returns>
    private (LinuxConversion? Plan, IReadOnlyList<GuestVolume> Volumes) PlanUnwritten(GuestMachine machine, GuestSystem system)
    {
        using var guest = machine.Mount(system, MountOptions.ReadOnly);
        IReadOnlyList<GuestVolume> volumes = [.. guest.Mounts.Select(mount => mount.Volume).Distinct()];
        if (guest.Mounts.All(mount => mount.Way == MountWay.Normal))
        {
            return (WithInput(machine, guest, input => LinuxConversion.Plan(input, _context.Cancel)), volumes);
        }

        try
        {
            WithInput(machine, guest, input =>
            {
                LinuxConversion.Require(input);
                return input;
            });
        }
        catch (StepException unreadable) when (unreadable.Code is var code && (code == ErrorCodes.ConvertDisk || code == ErrorCodes.ConvertHostile))
        {
            // A file that is half of one time and half of another: the journal has the rest.
            _context.Log.Information("before its journals are replayed: {Problem}", unreadable.Message);
        }

        return (null, volumes);
    }

    private T WithInput<T>(GuestMachine machine, MountedGuest guest, Func<LinuxGuestInput, T> work)
    {
        var tools = Directory.CreateDirectory(_context.Work.File("tools"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName;
        try
        {
            return work(new LinuxGuestInput
            {
                Files = guest.Files,
                Volumes = machine.Volumes,
                Naming = guest.Naming,
                Mounts = [.. guest.Mounts.Select(mount => new LinuxMount(mount.Volume, mount.MountPoint))],
                Source = _source,
                DetectedFirmware = machine.Firmware,
                System = guest.System.OperatingSystem,
                IdLike = guest.System.Like,
                TargetName = _job.Name,
                Macs = [.. _job.Output.Cards.Select(card => card.Mac).Concat(_job.Convert.Addresses.Select(card => card.Mac)).Distinct()],
                Options = _job.Convert,
                ToolDirectory = tools,
                Architecture = guest.System.Architecture,
                Programs = Programs(guest),
            });
        }
        finally
        {
            Directory.Delete(tools, recursive: true);
        }
    }

    private IGuestPrograms Programs(MountedGuest guest) => guest.Programs(_context.Work.LogPath(GuestRebuild.Log));

    private static GuestBackend BackendOf(string name)
        => Enum.TryParse<GuestBackend>(name, ignoreCase: true, out var backend) && Enum.IsDefined(backend)
            ? backend
            : throw new StepException(ErrorCodes.Usage, $"there is no backend '{name}'", "Take direct, appliance or auto.");

    private static string NameOf(GuestBackend backend) => backend.ToString().ToLowerInvariant();

    private static ReportBackend Describe(ChosenBackend chosen) => new() { Name = NameOf(chosen.Backend), Reason = chosen.Reason };

    private static ReportNote Warning(GuestVolume hibernated) => new()
    {
        Concern = "mounts",
        Message = $"the session that was hibernated on {hibernated.Device} was thrown away",
        Hint = "The guest starts as after a power failure.",
    };

    private static ReportNote Warning(UnmountedVolume left) => new()
    {
        Concern = "mounts",
        Message = $"{left.Spec} on {left.MountPoint} was not opened: {left.Reason}",
        Hint = left is { Volume: null, IsAwaited: true }
            ? "Give the missing disk too; without it the guest waits for it and stops in emergency mode, unless nofail is added to its line in /etc/fstab."
            : "What is in it stays as it is.",
    };

    private static IEnumerable<ReportNote> Warnings(GuestMount mount)
        => new[] { mount.Fallback is { } fallback ? $"could only be mounted {fallback}" : null, mount.Warning }.OfType<string>()
            .Select(message => new ReportNote { Concern = "mounts", Path = mount.MountPoint, Message = $"{mount.Volume.Device}: {message}" });

    private static IReadOnlyList<ReportVolume> Volumes(GuestMachine machine, MountedGuest guest)
        => [.. machine.Volumes.Select(volume =>
        {
            var mount = guest.Mounts.FirstOrDefault(mount => mount.Volume == volume);
            return new ReportVolume
            {
                Device = volume.Device,
                Disks = [.. volume.Disks],
                Type = volume.Content,
                Uuid = volume.Uuid,
                MountPoint = mount?.MountPoint,
                Note = mount?.Fallback ?? guest.Unmounted.FirstOrDefault(left => left.Volume == volume)?.Reason ?? machine.Unusable.GetValueOrDefault(volume) ?? volume.Problem,
            };
        })];

    private T Timed<T>(string name, Func<T> work)
    {
        _context.Cancel.ThrowIfCancellationRequested();
        var clock = Stopwatch.StartNew();
        var result = work();
        _timings.Add(new ReportTiming { Name = name, Seconds = Math.Round(clock.Elapsed.TotalSeconds, 4) });
        _context.Log.Information("{Part}: {Milliseconds} ms", name, clock.ElapsedMilliseconds);
        return result;
    }
}
