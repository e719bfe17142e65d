using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Programs;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Guest.Inspection;
using Hyper2Kvm.Guest.Mounting;
using Hyper2Kvm.Helpers.Convert.Linux.Initramfs;
using Hyper2Kvm.Helpers.Convert.Linux.Verification;

namespace Hyper2Kvm.Helpers.Convert.Step;

/// <content>Whether the image boots: after every conversion, and alone.</content>
internal sealed partial class ConvertStep
{
    /// <summary>Verifies only; writes <c>verification.json</c>.</summary>
    /// <param name="context">The step.</param>
    /// <param name="choices">What was said on the command line.</param>
    public static void Verify(StepContext context, StepChoices choices) => new ConvertStep(context, choices).Verify();

    private void Verify()
    {
        using var machine = Timed("open disks", () => Open(readOnly: true));
        var system = Timed("find system", () => FindSystem(machine));
        var result = Timed("verify", () => Verify(machine, system, cards: null, new CheckedInitramfs()));
        var checkedOnes = Timed("check file systems", () => machine.CheckFileSystems(CleanVolumes(machine, system), LongestCheck, _context.Cancel));
        result = WithFileSystems(result, before: null, checkedOnes);
        _context.Work.Save(new GuestVerification
        {
            Schema = GuestVerification.SchemaName,
            Name = _source.Name,
            OperatingSystem = system.OperatingSystem,
            Backend = Describe(machine.Backend),
            Result = result,
            Timings = _timings,
        });
    }

    /// <summary>Mounts the guest anew, read-only, so that what is looked at is what its disks hold, and looks.</summary>
    private VerificationResult Verify(GuestMachine machine, GuestSystem system, IReadOnlyList<NicMetadata>? cards, CheckedInitramfs known)
    {
        var findings = new Findings();
        if (system.Windows is not null)
        {
            findings.Warn("system", system.Volume.Device, $"not checked: {system.OperatingSystem.ProductName} is a Windows", "Boot it to see.");
            return new VerificationResult { Findings = findings.All };
        }

        machine.DropCaches();
        try
        {
            using var guest = machine.Mount(system, MountOptions.ReadOnly);
            foreach (var left in guest.Unmounted.Where(left => left.Volume is not null))
            {
                findings.Warn("fstab", left.MountPoint, $"{left.Spec} could not be mounted: {left.Reason}", "Look at it in the guest.");
            }

            foreach (var note in guest.Mounts.SelectMany(Warnings))
            {
                findings.Warn(FileSystemCheck, note.Path!, note.Message, "Look at it in the guest.");
            }

            var found = WithInput(machine, guest, input => LinuxVerification.Verify(
                new VerificationInput { Guest = input, Disks = machine.Disks, ReadDisk = machine.ReadDisk, Cards = cards, Checked = known },
                _context.Cancel));
            return new VerificationResult { Findings = [.. found, .. findings.All] };
        }
        catch (StepException unmountable) when (unmountable.Code == ErrorCodes.ConvertMount)
        {
            findings.Error("fstab", system.Volume.Device, unmountable.Message, unmountable.Hint);
            return new VerificationResult { Findings = findings.All };
        }
    }

    /// <summary>Tells the warnings that the conversion has not told of the same file, and requires that there are no errors.</summary>
    /// <exception cref="StepException">There are (<see cref="ErrorCodes.ConvertVerify"/>).</exception>
    private void Require(VerificationResult verification, IReadOnlyList<ReportNote> told)
    {
        var errors = verification.Findings.Where(finding => finding.Severity == Findings.ErrorSeverity).ToList();
        foreach (var finding in verification.Findings.Except(errors).Where(finding => !told.Any(note => note.Path is { } path && finding.Object.StartsWith(path, StringComparison.Ordinal))))
        {
            _context.Warn($"{finding.Object}: {finding.Message}", finding.Remedy);
        }

        if (errors is [var first, ..])
        {
            var isDamaged = first.Check == FileSystemCheck;
            throw new StepException(isDamaged ? ErrorCodes.ConvertFileSystem : ErrorCodes.ConvertVerify, $"{(isDamaged ? "the conversion damaged a file system" : "the converted image would not boot")}: {first.Object}: {first.Message}{(errors.Count > 1 ? $" (and {errors.Count - 1} more; report.json has all)" : string.Empty)}", first.Remedy);
        }
    }
}
