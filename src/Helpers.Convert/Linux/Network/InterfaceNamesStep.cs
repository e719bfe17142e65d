using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Network;

/// <summary>Writes what keeps the names of interfaces.</summary>
internal sealed class InterfaceNamesStep : IConversionStep
{
    /// <summary>Before 70-persistent-net.rules, whose stale entries would otherwise have a word on the new card first.</summary>
    private const string RulesPath = "/etc/udev/rules.d/70-hyper2kvm-net.rules";

    /// <summary>udev that reads <c>.link</c> files has this rule (systemd 209). Red Hat's 7 left it out, eudev never had it.</summary>
    private static readonly string[] LinkRules = ["/usr/lib/udev/rules.d/80-net-setup-link.rules", "/lib/udev/rules.d/80-net-setup-link.rules"];

    private static readonly string[] Udev =
        ["/usr/lib/systemd/systemd-udevd", "/lib/systemd/systemd-udevd", "/usr/bin/udevadm", "/bin/udevadm", "/usr/sbin/udevadm", "/sbin/udevadm", "/sbin/udevd", "/lib/udev/udevd"];

    /// <inheritdoc/>
    public string Concern => "network";

    /// <inheritdoc/>
    public void Plan(LinuxGuest guest, StepPlan plan, CancellationToken cancel)
    {
        foreach (var finding in guest.Network.Findings)
            plan.Note(finding);
        foreach (var warning in guest.Network.Warnings)
            plan.Warn(warning);
        if (guest.Network.Links.Count == 0)
            return;
        if (LinkRules.Any(guest.Files.HasFile))
            WriteLinks(guest, plan);
        else if (Udev.Any(guest.Files.HasFile))
            WriteRules(guest, plan);
        else
            TellOfKernelNames(guest.Network, plan);
    }

    private static void WriteLinks(LinuxGuest guest, StepPlan plan)
    {
        foreach (var link in guest.Network.Links)
        {
            var path = $"{InterfaceLink.Directory}/{link.FileName}";
            var present = guest.Files.HasFile(path) ? guest.Files.ReadBounded(path, 1 << 20) : null;
            if (present is null || !present.AsSpan().SequenceEqual(link.Content))
                plan.Edit(new WriteFile(path, Reason(link.Name), link.Content));
        }
    }

    private static void WriteRules(LinuxGuest guest, StepPlan plan)
    {
        var text = "# Written by hyper2kvm.\n" + string.Concat(guest.Network.Links.Select(link => $"# {link.Comment}\n{link.Rule}\n"));
        var reason = Reason(string.Join(", ", guest.Network.Links.Select(link => link.Name)));
        plan.Edit(GuestText.Rewrite(RulesPath, reason, guest.Files.ReadText(RulesPath) ?? string.Empty, _ => text));
    }

    private static string Reason(string names) => $"the interface keeps the name {names}, which its configuration uses";

    /// <summary>Alpine's mdev gives no names: the kernel's stay, in the order of slots, which is the order of the target's cards.</summary>
    private static void TellOfKernelNames(NetworkPlan network, StepPlan plan)
    {
        var wrong = network.Links.Where((link, index) => link.Name != $"eth{index}").Select(link => link.Name).ToList();
        if (wrong.Count == 0)
            plan.Note($"the guest has no udev: {string.Join(", ", network.Links.Select(link => link.Name))} are the names that the kernel gives the target's cards in their order");
        else
            plan.Warn($"the guest has no udev, and the kernel will not give the names {string.Join(", ", wrong)}", "/etc/network/interfaces", "Name the cards by address in /etc/mactab of the guest (busybox nameif), or use eth0, eth1 … in the order of the cards.");
    }
}
