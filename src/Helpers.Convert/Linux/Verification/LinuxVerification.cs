using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Boot;
using Hyper2Kvm.Helpers.Convert.Linux.Boot.Loaders;

namespace Hyper2Kvm.Helpers.Convert.Linux.Verification;

/// <summary>Tells whether the image of a Linux guest boots on KVM, without booting it. It only reads.</summary>
internal static class LinuxVerification
{
    private const string SystemCheck = "system";

    private static readonly IGuestCheck[] Checks =
        [new FirmwareCheck(), new BootloaderFilesCheck(), new BootEntriesCheck(), new ArgumentsCheck(), new FstabCheck(), new CrypttabCheck(), new NetworkNamesCheck()];

    /// <summary>What a file of the guest is to blame for: a finding. A lost disk or a missing tool is a failure of ours.</summary>
    private static readonly ErrorCode[] Found = [ErrorCodes.ConvertHostile, ErrorCodes.ConvertBootloader, ErrorCodes.ConvertKernel, ErrorCodes.ConvertInitramfs];

    /// <summary>Looks at a guest.</summary>
    /// <param name="input">The guest.</param>
    /// <param name="cancel">Gives up.</param>
    /// <returns>What was found, errors first; nothing for a guest that boots.</returns>
    /// <exception cref="StepException">A disk was lost (<see cref="ErrorCodes.ConvertDisk"/>), or a tool is missing (<see cref="ErrorCodes.ToolMissing"/>).</exception>
    public static IReadOnlyList<VerificationFinding> Verify(VerificationInput input, CancellationToken cancel)
    {
        var findings = new Findings();
        VerifiedGuest? guest = null;
        Noting(findings, SystemCheck, () => guest = Inspect(input, findings));
        foreach (var check in guest is null ? [] : Checks)
        {
            cancel.ThrowIfCancellationRequested();
            Noting(findings, check.Name, () => check.Check(guest!, findings, cancel));
        }

        return findings.All;
    }

    private static VerifiedGuest Inspect(VerificationInput input, Findings findings)
    {
        var plan = new StepPlan(SystemCheck);
        var bootloader = Bootloaders.Find(input.Guest.Files, input.Guest.TargetFirmware == Firmware.Uefi);
        var kernels = KernelSearch.Find(input.Guest.Files, Bootloaders.DefaultFirst(bootloader), plan);
        var block = TargetBlockBus.Choose(kernels, LinuxConversion.DefaultKernel(kernels, LinuxConversion.StartedKernel(bootloader, kernels)), plan);
        foreach (var warning in plan.Warnings)
            findings.Warn(SystemCheck, warning.Path ?? bootloader.ConfigurationPath, warning.Message, warning.Hint ?? "Look at the guest.");
        return new VerifiedGuest(input, bootloader, kernels, block);
    }

    private static void Noting(Findings findings, string check, Action work)
    {
        try
        {
            work();
        }
        catch (GuestFileException unusable)
        {
            findings.Error(check, unusable.GuestPath, unusable.Message, ErrorCodes.ConvertHostile.Remedy);
        }
        catch (StepException unusable) when (Found.Contains(unusable.Code))
        {
            findings.Error(check, "guest", unusable.Message, unusable.Hint);
        }
    }
}
