using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Boot.Loaders;

/// <summary>LILO, which cannot be converted: known by name, so that people are told what to do.</summary>
/// <remarks>
/// It reads no file system. Its map (<c>/boot/map</c>) holds the numbers of the blocks in which the kernel, the initramfs and the arguments lie, and its boot sector those of the map (lilo(8)).
/// A file that is written anew lies in other blocks, so after any edit only <c>/sbin/lilo</c> makes it boot; that asks the kernel for the geometry and partitions of the disk it writes to,
/// neither of which is to be had in a sandbox.
/// </remarks>
internal static class Lilo
{
    private const string Configuration = "/etc/lilo.conf";
    private const string Remedy = "At the source, install grub in the guest (Debian: apt-get install grub-pc; elsewhere: grub-install /dev/sda && grub-mkconfig -o /boot/grub/grub.cfg), see it boot once with grub, remove /etc/lilo.conf, and convert again.";

    /// <summary>Whether the guest has it.</summary>
    /// <param name="files">The guest.</param>
    public static bool IsInstalled(IGuestFiles files) => files.HasFile(Configuration);

    /// <summary>Why a guest that starts with it is refused.</summary>
    public static StepException Refusal() => new(
        ErrorCodes.ConvertBootloader,
        $"the guest starts with LILO ({Configuration}): that finds kernel and initramfs by block numbers, which no change from outside can keep right, and /sbin/lilo can be run only on the guest's own disk",
        $"{Remedy} --rebuild-initramfs=guest does not help: lilo needs the disk itself.");

    /// <summary>Says that it is there beside a bootloader that is known: which of the two is in the boot sector, files do not tell.</summary>
    /// <param name="files">The guest.</param>
    /// <param name="found">The bootloader that was found.</param>
    /// <param name="plan">Where the warning goes.</param>
    public static void WarnBeside(IGuestFiles files, IBootloader found, StepPlan plan)
    {
        if (IsInstalled(files))
            plan.Warn($"LILO is installed beside {found.Name}; the guest was converted for {found.Name}, and does not boot if LILO is still in its boot sector", Configuration, Remedy);
    }
}
