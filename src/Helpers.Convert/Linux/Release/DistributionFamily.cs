using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Release;

/// <summary>Which systems this conversion knows: the one table.</summary>
internal static class DistributionFamily
{
    private static readonly string[] DebianFamily = ["debian", "ubuntu", "linuxmint", "kali", "raspbian", "pop", "devuan"];

    /// <summary>Accepts the system, or says why not.</summary>
    /// <param name="system">What was found.</param>
    /// <param name="idLike">ID_LIKE of os-release.</param>
    /// <param name="files">The guest, to see whether an unknown system looks like a known one.</param>
    /// <param name="plan">Where a warning goes.</param>
    /// <exception cref="StepException">It is not supported (<see cref="ErrorCodes.ConvertUnsupported"/>).</exception>
    public static void Require(OperatingSystemMetadata system, IReadOnlyList<string> idLike, IGuestFiles files, StepPlan plan)
    {
        var found = system.ProductName ?? $"{system.Distribution ?? "an unknown system"} {system.Version}".TrimEnd();
        if (system.Distribution is { } id && DebianFamily.Contains(id))
            return;
        if (idLike.Any(DebianFamily.Contains))
        {
            plan.Warn($"{found} is not known by name; it calls itself like {string.Join(", ", idLike)} and is converted as that");
            return;
        }

        if (files.HasDirectory("/etc/initramfs-tools") && files.HasFile("/boot/grub/grub.cfg"))
        {
            plan.Warn($"{found} is not known; it has grub2 and initramfs-tools and is converted as Debian is");
            return;
        }

        throw new StepException(
            ErrorCodes.ConvertUnsupported,
            $"found {found}; this version converts Debian, Ubuntu and systems that are like them (grub2 and initramfs-tools)");
    }
}
