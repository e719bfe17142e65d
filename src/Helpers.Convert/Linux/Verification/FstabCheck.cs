using Hyper2Kvm.Guest.Mounting;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Verification;

/// <summary>Every line of <c>/etc/fstab</c> that is mounted at boot names a volume that the guest has (fstab(5), systemd.mount(5)).</summary>
/// <remarks>
/// A data disk that was not given is a warning: the conversion cannot know it, the line stays, and the guest stops in its emergency mode rather than write to the directory below.
/// The root's line is looked at only where no argument of the kernel names the root.
/// </remarks>
internal sealed class FstabCheck : IGuestCheck
{
    private const string Path = "/etc/fstab";

    /// <summary>Without these the system does not start.</summary>
    private static readonly string[] Needed = ["/usr", "/boot", "/var", "/etc"];

    /// <inheritdoc/>
    public string Name => "fstab";

    /// <inheritdoc/>
    public void Check(VerifiedGuest guest, Findings findings, CancellationToken cancel)
    {
        foreach (var line in Fstab.Parse(guest.Files.ReadText(Path) ?? string.Empty).Where(line => line.IsVolume || line.Type == "swap"))
        {
            if (guest.Devices.Problem(line.Spec) is not { } problem)
                continue;
            var waits = !line.Options.Any(option => option is "nofail" or "noauto");
            findings.Add(
                waits && (Needed.Contains(line.MountPoint) || (line.MountPoint == "/" && !IsRootNamed(guest))),
                Name,
                $"{Path}: {line.MountPoint}",
                waits && line.Type != "swap" ? $"{problem.Message}: the guest waits for it when it boots, and stops in emergency mode" : problem.Message,
                $"{problem.Remedy} Add nofail to the line if the guest can do without.");
        }
    }

    private static bool IsRootNamed(VerifiedGuest guest)
        => guest.DefaultArguments.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Any(word => word.StartsWith("root=", StringComparison.Ordinal));
}
