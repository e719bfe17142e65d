using Hyper2Kvm.Guest.Mounting;
using Hyper2Kvm.Helpers.Convert.Linux.Devices;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Verification;

/// <summary>Every line of <c>/etc/crypttab</c> names a volume that the guest has (crypttab(5)). One whose root is opened by it is an error.</summary>
internal sealed class CrypttabCheck : IGuestCheck
{
    private const string Path = "/etc/crypttab";

    /// <inheritdoc/>
    public string Name => "crypttab";

    /// <inheritdoc/>
    public void Check(VerifiedGuest guest, Findings findings, CancellationToken cancel)
    {
        foreach (var line in (guest.Files.ReadText(Path) ?? string.Empty).Split('\n').Select(text => new TableLine(text)).Where(line => line.Count > 1))
        {
            if (guest.Devices.Problem(line[1]) is { } problem)
            {
                var waits = !line[3].Split(',').Any(option => option is "nofail" or "noauto");
                findings.Add(waits && OpensRoot(guest, line[0]), Name, $"{Path}: {line[0]}", problem.Message, problem.Remedy);
            }
        }
    }

    private static bool OpensRoot(VerifiedGuest guest, string name)
    {
        var path = $"/dev/mapper/{name}";
        return guest.DefaultArguments.Split((char[]?)null).Contains($"root={path}")
            || Fstab.Parse(guest.Files.ReadText("/etc/fstab") ?? string.Empty).Any(line => line.MountPoint == "/" && line.Spec == path);
    }
}
