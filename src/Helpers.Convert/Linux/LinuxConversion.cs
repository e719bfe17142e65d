using System.Diagnostics;
using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Agent;
using Hyper2Kvm.Helpers.Convert.Linux.Boot;
using Hyper2Kvm.Helpers.Convert.Linux.Boot.Loaders;
using Hyper2Kvm.Helpers.Convert.Linux.Customise;
using Hyper2Kvm.Helpers.Convert.Linux.Devices;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;
using Hyper2Kvm.Helpers.Convert.Linux.FirstBoot;
using Hyper2Kvm.Helpers.Convert.Linux.Initramfs;
using Hyper2Kvm.Helpers.Convert.Linux.Network;
using Hyper2Kvm.Helpers.Convert.Linux.Release;
using Hyper2Kvm.Helpers.Convert.Linux.Selinux;
using Hyper2Kvm.Helpers.Convert.Linux.Target;
using Hyper2Kvm.Helpers.Convert.Linux.Tools;

namespace Hyper2Kvm.Helpers.Convert.Linux;

/// <summary>Makes a Linux guest boot and work on KVM.</summary>
/// <remarks>Everything is planned before anything is written, on file systems that are mounted read-only: a guest that cannot be converted is left as it was.</remarks>
internal sealed class LinuxConversion
{
    /// <summary>The steps. Smaller files first, the initramfs then; labels last, of all that others make.</summary>
    private static readonly IConversionStep[] Steps =
    [
        new FstabStep(), new CrypttabStep(), new MdadmStep(), new LvmFilterStep(), new DeviceUnitsStep(), new ResumeStep(), new DeviceCacheStep(),
        new GrubInstallDeviceStep(), new MultipathStep(), new DeviceMentionsStep(),
        new BootConfigurationStep(), new ConsoleStep(), new DeviceMapStep(), new UefiFallbackStep(),
        new HypervisorToolsStep(), new InterfaceNamesStep(), new CardAddressStep(), new DriverMatchStep(), new StaticAddressStep(), new CloudInitStep(),
        new GuestAgentStep(), new CustomiseStep(), new FirstBootStep(),
        new RebuildSettingsStep(), new InitramfsStep(), new UnifiedImageStep(),
        new SelinuxStep(),
    ];

    private readonly LinuxGuestInput _input;
    private readonly List<StepPlan> _plans = [];
    private readonly List<ReportTiming> _timings = [];
    private TargetMetadata? _target;
    private LinuxGuest? _guest;

    private LinuxConversion(LinuxGuestInput input) => _input = input;

    /// <summary>The initramfs files that were read to their ends while it was planned, as they are to be.</summary>
    public CheckedInitramfs Checked { get; } = new();

    /// <summary>Plans the conversion of a guest; writes nothing.</summary>
    /// <param name="input">The guest; read-only will do.</param>
    /// <param name="cancel">Stops between steps, and tools of the host.</param>
    /// <exception cref="StepException">It cannot be converted.</exception>
    public static LinuxConversion Plan(LinuxGuestInput input, CancellationToken cancel)
    {
        var conversion = new LinuxConversion(input);
        Refusing(() => conversion._target = conversion.Plan(cancel));
        return conversion;
    }

    /// <summary>Requires that the system is one that can be converted: its family, bootloader and kernels. For file systems whose journals are not replayed yet, on which a whole plan would be one for old files.</summary>
    /// <param name="input">The guest; read-only will do.</param>
    /// <exception cref="StepException">It cannot be converted.</exception>
    public static void Require(LinuxGuestInput input) => Refusing(new LinuxConversion(input).Inspect);

    /// <summary>Does what was planned. Once.</summary>
    /// <param name="files">The same guest, mounted for writing.</param>
    /// <param name="programs">Runs programs of that guest.</param>
    /// <param name="cancel">Stops between steps, and programs of the guest.</param>
    /// <returns>The machine that it needs on the target, and what was changed.</returns>
    /// <exception cref="StepException">A file cannot be written, or the guest's tool fails (<see cref="ErrorCodes.ConvertRebuild"/>, <see cref="ErrorCodes.ConvertHostile"/>, <see cref="ErrorCodes.ConvertNoSpace"/>, <see cref="ErrorCodes.ConvertDisk"/>).</exception>
    public (TargetMetadata Target, ConversionReport Report) Apply(IGuestFiles files, IGuestPrograms programs, CancellationToken cancel)
    {
        var changes = Refusing(() => Timed("write", () => Changes(_guest! with { Input = _input with { Files = files, Programs = programs } }, cancel)));
        return (_target!, Report(changes));
    }

    private static T Refusing<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (GuestFileException refused)
        {
            throw new StepException(ErrorCodes.ConvertHostile, refused.Message, inner: refused);
        }
    }

    private TargetMetadata Plan(CancellationToken cancel)
    {
        var guest = Timed("inspect", Inspect);
        _guest = guest;
        foreach (var step in Steps)
        {
            cancel.ThrowIfCancellationRequested();
            var plan = new StepPlan(step.Concern);
            _plans.Add(plan);
            Timed(step.Concern, () =>
            {
                step.Plan(guest, plan, cancel);
                return plan;
            });
        }

        FreeSpace.Require(_input, _plans.SelectMany(plan => plan.Edits));
        return TargetMachine.Of(guest);
    }

    private LinuxGuest Inspect()
    {
        var plan = new StepPlan("system");
        _plans.Add(plan);
        var family = DistributionFamily.Of(_input.System, _input.IdLike, plan);
        var bootloader = Bootloaders.Find(_input.Files, _input.TargetFirmware == Firmware.Uefi);
        Lilo.WarnBeside(_input.Files, bootloader, plan);
        var kernels = KernelSearch.Find(_input.Files, Bootloaders.DefaultFirst(bootloader), plan);
        var started = StartedKernel(bootloader, kernels);
        var defaultKernel = DefaultKernel(kernels, started);
        if (started is null && kernels.Count > 1)
            plan.Warn($"the files of {bootloader.Name} do not tell which kernel it starts; the target is made for {defaultKernel.Version}", bootloader.ConfigurationPath, "Choose that kernel in the guest's menu, or make the menu anew in the guest.");
        var block = TargetBlockBus.Choose(kernels, defaultKernel, plan);
        plan.Note($"kernels: {string.Join(", ", kernels.Select(kernel => kernel.Version))}; {bootloader.Name} starts {(started ?? defaultKernel).Version}", bootloader.ConfigurationPath);
        if (_input.Source.Firmware != Firmware.Unknown && _input.DetectedFirmware != Firmware.Unknown && _input.Source.Firmware != _input.DetectedFirmware)
            plan.Warn($"the source says that its firmware is {_input.Source.Firmware}, its disks are laid out for {_input.DetectedFirmware}");
        WarnOfOrder(plan);
        return new LinuxGuest
        {
            Input = _input,
            Kernels = kernels,
            DefaultKernel = defaultKernel,
            StartedKernel = started,
            Bootloader = bootloader,
            Family = family,
            Block = block,
            Plans = _plans,
            Checked = Checked,
            Names = new VolumeNames(_input.Volumes, block.DiskPrefix, new DiskFamilies(_input.Source.Disks, _input.Naming, _input.Volumes, _input.Files.ReadText("/etc/fstab") ?? string.Empty)),
            Network = NetworkSurvey.Of(_input, TargetMachine.NicModel(defaultKernel)),
        };
    }

    /// <summary>The kernel that the bootloader starts now; <see langword="null"/> where its files do not tell.</summary>
    /// <param name="bootloader">The bootloader.</param>
    /// <param name="kernels">Installed kernels.</param>
    public static InstalledKernel? StartedKernel(IBootloader bootloader, IReadOnlyList<InstalledKernel> kernels)
        => bootloader.Default?.Image is { } image ? kernels.FirstOrDefault(kernel => kernel.Images.Contains(image)) : null;

    /// <summary>The one that is started now where it drives virtio disks, else the best that does: the newest of those that do it equally well.</summary>
    /// <param name="kernels">Installed kernels.</param>
    /// <param name="started">The one that is started now.</param>
    public static InstalledKernel DefaultKernel(IReadOnlyList<InstalledKernel> kernels, InstalledKernel? started)
    {
        if (started is { DrivesVirtioBlk: true } or { DrivesVirtioScsi: true })
            return started;
        var best = kernels.MaxBy(kernel => kernel.Fitness)!;
        return best.DrivesVirtioBlk || best.DrivesVirtioScsi ? best : started ?? kernels[0];
    }

    /// <summary>The target's disks stand in the order that was given; the guest's files no longer ask for one, but people do.</summary>
    private void WarnOfOrder(StepPlan plan)
    {
        if (!_input.Naming.IsAsGiven)
        {
            plan.Warn(
                $"the guest counts its disks in another order than they were given: {string.Join(", ", _input.Source.Disks.OrderBy(disk => _input.Naming.PlaceOf(disk.Index)).Select(disk => $"disk {_input.Naming.PlaceOf(disk.Index) + 1} is {disk.Path}"))}; its files were read in that order",
                "/etc/fstab",
                "Nothing, unless that is wrong; then give the disks in the guest's order.");
        }
    }

    private List<ReportChange> Changes(LinuxGuest guest, CancellationToken cancel)
    {
        var changes = new List<ReportChange>();
        foreach (var plan in _plans)
        {
            cancel.ThrowIfCancellationRequested();
            changes.AddRange(plan.Edits.SelectMany(edit => edit is RebuildInitramfs rebuild
                ? GuestRebuild.Run(guest, plan.Concern, rebuild, cancel)
                : [EditApplier.Apply(guest.Files, plan.Concern, edit)]));
        }

        return changes;
    }

    private ConversionReport Report(IReadOnlyList<ReportChange> changes) => new()
    {
        Schema = ConversionReport.SchemaName,
        OperatingSystem = _input.System,
        Changes = changes,
        Refused = [.. _plans.SelectMany(plan => plan.Refused)],
        Warnings = [.. _plans.SelectMany(plan => plan.Warnings)],
        Notes = [.. _plans.SelectMany(plan => plan.Notes)],
        Volumes = [.. _input.Volumes.Select(volume => new ReportVolume
        {
            Device = volume.Device,
            Disks = [.. volume.Disks],
            Type = volume.Content,
            Uuid = volume.Uuid,
            MountPoint = _input.Mounts.FirstOrDefault(mount => mount.Volume == volume)?.MountPoint,
            Note = volume.Problem,
        })],
        Timings = _timings,
    };

    private T Timed<T>(string name, Func<T> work)
    {
        var clock = Stopwatch.StartNew();
        var result = work();
        _timings.Add(new ReportTiming { Name = name, Seconds = Math.Round(clock.Elapsed.TotalSeconds, 4) });
        return result;
    }
}
