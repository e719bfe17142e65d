using Hyper2Kvm.Helpers.Convert.Linux.Boot.Loaders;

namespace Hyper2Kvm.Helpers.Convert.Linux.Verification;

/// <summary>Kernel arguments name volumes that the guest has (bootparam(7), dracut.cmdline(7), Arch's encrypt hook).</summary>
/// <remarks>What the default entry's root needs is an error; a volume to resume from, and other entries, warnings.</remarks>
internal sealed class ArgumentsCheck : IGuestCheck
{
    /// <inheritdoc/>
    public string Name => "arguments";

    /// <inheritdoc/>
    public void Check(VerifiedGuest guest, Findings findings, CancellationToken cancel)
    {
        foreach (var entry in Bootloaders.DefaultFirst(guest.Bootloader))
        {
            foreach (var (argument, problem) in Problems(guest, guest.ArgumentsOf(entry)))
            {
                findings.Add(
                    entry == guest.Bootloader.Default && !argument.StartsWith("resume=", StringComparison.Ordinal),
                    Name,
                    $"{guest.Bootloader.ConfigurationPath}: {entry.Id}",
                    $"{argument}: {problem.Message}",
                    problem.Remedy);
            }
        }
    }

    /// <summary>Arguments that name a volume which is not there, with what is wrong.</summary>
    /// <param name="guest">The guest.</param>
    /// <param name="arguments">Arguments of a kernel.</param>
    private static IEnumerable<(string Argument, NameProblem Problem)> Problems(VerifiedGuest guest, string arguments)
        => arguments.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
            .Select(word => word.Trim('"', '\''))
            .Select(word => (Argument: word, Problem: word.Split('=', 2) is [var key, var value] ? Problem(guest, key, value) : null))
            .Where(found => found.Problem is not null)
            .Select(found => (found.Argument, found.Problem!));

    private static NameProblem? Problem(VerifiedGuest guest, string key, string value) => key switch
    {
        "root" or "resume" or "real_root" or "cryptroot" or "mount.usr" => guest.Devices.Problem(value),
        "cryptdevice" => guest.Devices.Problem(value.Split(':')[0]),
        "rd.lvm.lv" or "rd_LVM_LV" => guest.Devices.Problem($"/dev/{value}"),
        "rd.lvm.vg" or "rd_LVM_VG" => guest.Devices.Volumes.Any(volume => volume.Names.Any(name => name.StartsWith($"/dev/{value}/", StringComparison.Ordinal))) ? null : NameProblem.Missing($"the guest has no volume group {value}"),
        "rd.luks.uuid" or "rd_LUKS_UUID" or "rd.luks.name" => HasUuid(guest, "crypto_LUKS", value.Split('=')[0].Replace("luks-", string.Empty, StringComparison.Ordinal)) ? null : NameProblem.Missing("the guest has no encrypted volume of this UUID"),
        "rd.md.uuid" or "rd_MD_UUID" => HasUuid(guest, "linux_raid_member", value) ? null : NameProblem.Missing("the guest has no array of this UUID"),
        _ => null,
    };

    /// <summary>dracut takes the beginning of a UUID too, and mdadm writes it with colons.</summary>
    private static bool HasUuid(VerifiedGuest guest, string content, string uuid)
        => guest.Devices.Volumes.Any(volume => volume.Content == content && Digits(volume.Uuid ?? string.Empty).StartsWith(Digits(uuid), StringComparison.OrdinalIgnoreCase));

    private static string Digits(string uuid) => string.Concat(uuid.Where(char.IsAsciiHexDigit));
}
