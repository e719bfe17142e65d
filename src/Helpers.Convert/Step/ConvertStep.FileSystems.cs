using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Guest.Checking;
using Hyper2Kvm.Guest.Inspection;
using Hyper2Kvm.Guest.Mounting;
using Hyper2Kvm.Helpers.Convert.Linux.Verification;

namespace Hyper2Kvm.Helpers.Convert.Step;

/// <content>File systems are checked by their own tools, before and after.</content>
internal sealed partial class ConvertStep
{
    private const string FileSystemCheck = "file-system";

    /// <summary>For all file systems of a guest together: a whole Debian takes less than a tenth of a second, a TiB with many files takes minutes.</summary>
    private static readonly TimeSpan LongestCheck = TimeSpan.FromSeconds(30);

    /// <summary>Checks what is to be written. Damage that the guest's kernel has met itself refuses the guest; other damage is a warning.</summary>
    /// <exception cref="StepException">A file system is damaged (<see cref="ErrorCodes.ConvertFileSystem"/>).</exception>
    private IReadOnlyList<FileSystemReport> CheckBefore(GuestMachine machine, GuestSystem system, IReadOnlyList<GuestVolume> volumes, bool isReplayed)
    {
        if (!isReplayed && machine.Backend.Backend == GuestBackend.Direct)
        {
            // Until its journal is replayed, a file system looks damaged.
            Timed("replay journals", () =>
            {
                using var guest = MountForWriting(machine, system);
                return guest.Mounts.Count;
            });
        }

        var reports = Timed("check file systems before", () => machine.CheckFileSystems(volumes, LongestCheck, _context.Cancel));
        return reports.FirstOrDefault(report => IsDamaged(report) && report.IsFlagged) is not { } damaged
            ? reports
            : throw new StepException(ErrorCodes.ConvertFileSystem, $"{damaged.Volume.Device}: the guest's kernel has met errors in its {damaged.Volume.Content} file system, and it is damaged: {damaged.Note}", damaged.Remedy, disk: damaged.Volume.Disk);
    }

    private MountedGuest MountForWriting(GuestMachine machine, GuestSystem system)
    {
        var guest = machine.Mount(system, MountOptions.ForWriting with { ForceHibernated = _job.Convert.ForceHibernated });
        _discarded.AddRange(machine.Discarded);
        return guest;
    }

    /// <summary>What can be checked though nothing may be written: file systems whose journals are clean.</summary>
    private static IReadOnlyList<GuestVolume> CleanVolumes(GuestMachine machine, GuestSystem system)
    {
        if (system.Windows is not null)
        {
            return [];
        }

        using var guest = machine.Mount(system, MountOptions.ReadOnly);
        return [.. guest.Mounts.Where(mount => mount.Way == MountWay.Normal).Select(mount => mount.Volume).Distinct()];
    }

    private static bool IsDamaged(FileSystemReport report) => report.State == FileSystemState.Errors;

    /// <summary>Adds what the tools found. Damage that was not there before the conversion is an error, as is damage that the guest's kernel has met itself.</summary>
    private static VerificationResult WithFileSystems(VerificationResult result, IReadOnlyList<FileSystemReport>? before, IReadOnlyList<FileSystemReport> now)
    {
        var findings = new Findings();
        foreach (var report in now.Where(IsDamaged))
        {
            var isNew = before is not null && !before.Any(old => old.Volume == report.Volume && IsDamaged(old));
            findings.Add(isNew || (before is null && report.IsFlagged), FileSystemCheck, report.Volume.Device, report.Note!, isNew ? "The source is as it was. Please report this with the log; convert again with --backend appliance." : report.Remedy);
        }

        return result with
        {
            Findings = [.. result.Findings.Concat(findings.All).OrderBy(finding => finding.Severity != Findings.ErrorSeverity)],
            FileSystems = [.. now.Select(report => new CheckedFileSystem
            {
                Device = report.Volume.Device,
                Type = report.Volume.Content!,
                State = report.State.ToString().ToLowerInvariant(),
                Note = report.Note,
                Seconds = Math.Round(report.Took.TotalSeconds, 3),
            })],
        };
    }

    private static ReportNote Warning(FileSystemReport damaged) => new()
    {
        Concern = FileSystemCheck,
        Path = damaged.Volume.Device,
        Message = $"its {damaged.Volume.Content} file system was damaged before the conversion: {damaged.Note}",
        Hint = damaged.Remedy,
    };
}
