using Hyper2Kvm.Core.Documents;

namespace Hyper2Kvm.Helpers.Convert.Linux.Release;

/// <summary>Distributions that share their package manager and their ways.</summary>
/// <param name="Name">For people.</param>
/// <param name="Ids">What os-release(5) calls its members.</param>
internal sealed record DistributionFamily(string Name, IReadOnlyList<string> Ids)
{
    /// <summary>The one table. The first family is the one whose conversion was there first; the order means nothing else.</summary>
    /// <remarks>
    /// A family decides no edit: what is done to a guest follows from the files that it has (which bootloader, which tool made its initramfs), since
    /// members change theirs with their versions. The table says who is known.
    /// </remarks>
    private static readonly DistributionFamily[] Known =
    [
        new("Debian", ["debian", "ubuntu", "linuxmint", "kali", "raspbian", "pop", "devuan"]),
        new("Red Hat", ["rhel", "centos", "rocky", "almalinux", "ol", "fedora", "amzn", "openEuler", "anolis", "kylin", "scientific", "circle"]),
        new("SUSE", ["sles", "sled", "sles_sap", "suse", "opensuse", "opensuse-leap", "opensuse-tumbleweed"]),
        new("Arch", ["arch"]),
        new("Alpine", ["alpine"]),
        new("Photon", ["photon"]),
    ];

    /// <summary>The family of a system; a warning where it is known by its relatives only, or not at all.</summary>
    /// <param name="system">What was found.</param>
    /// <param name="idLike">ID_LIKE of os-release.</param>
    /// <param name="plan">Where a warning goes.</param>
    /// <returns><see langword="null"/> for a system that is not known: it is converted all the same where it has a kernel and a bootloader that are.</returns>
    public static DistributionFamily? Of(OperatingSystemMetadata system, IReadOnlyList<string> idLike, StepPlan plan)
    {
        if (system.Distribution is { } id && Containing(id) is { } family)
            return family;
        var found = system.ProductName ?? $"{system.Distribution ?? "an unknown system"} {system.Version}".TrimEnd();
        if (idLike.Select(Containing).FirstOrDefault(like => like is not null) is { } relative)
        {
            plan.Warn($"{found} is not known by name; it calls itself like {string.Join(", ", idLike)} and is converted as that");
            return relative;
        }

        plan.Warn($"{found} is not known; it is converted by what its bootloader and its initramfs are", hint: "Start the result once before the source is given up.");
        return null;
    }

    private static DistributionFamily? Containing(string id) => Array.Find(Known, family => family.Ids.Contains(id, StringComparer.OrdinalIgnoreCase));
}
