using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Network;

/// <summary>Writes the files that keep the names of interfaces.</summary>
internal sealed class InterfaceNamesStep : IConversionStep
{
    /// <inheritdoc/>
    public string Concern => "network";

    /// <inheritdoc/>
    public void Plan(LinuxGuest guest, StepPlan plan, CancellationToken cancel)
    {
        foreach (var finding in guest.Network.Findings)
            plan.Note(finding);
        foreach (var warning in guest.Network.Warnings)
            plan.Warn(warning);
        if (guest.Network.Links.Count > 0 && !new[] { "/usr/lib/systemd/systemd-udevd", "/lib/systemd/systemd-udevd", "/usr/bin/udevadm", "/bin/udevadm" }.Any(guest.Files.HasFile))
            plan.Warn("no udev of systemd was found in the guest; interfaces may get other names than its configuration uses", InterfaceLink.Directory, "Check the names of interfaces after the first boot.");

        foreach (var link in guest.Network.Links)
        {
            var path = $"{InterfaceLink.Directory}/{link.FileName}";
            var present = guest.Files.HasFile(path) ? guest.Files.ReadBounded(path, 1 << 20) : null;
            if (present is null || !present.AsSpan().SequenceEqual(link.Content))
                plan.Edit(new WriteFile(path, $"the interface keeps the name {link.Name}, which its configuration uses", link.Content));
        }
    }
}
