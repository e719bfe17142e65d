using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;
using Hyper2Kvm.Helpers.Convert.Linux.FirstBoot;

namespace Hyper2Kvm.Helpers.Convert.Linux.Agent;

/// <summary>Enables the QEMU guest agent, or has it installed once the guest runs: no program of the guest runs here.</summary>
/// <remarks>The target's tools freeze file systems, read addresses and shut down through it, as the source's did through the tools that no longer have a host.</remarks>
internal sealed class GuestAgentStep : IConversionStep
{
    private const string Off = "off";
    private const string EnableOnly = "enable";
    private const string Hint = "Install qemu-guest-agent in the guest, or give its package: --agent-package FILE.";

    private static readonly string[] Modes = ["install", EnableOnly, Off];

    /// <inheritdoc/>
    public string Concern => "guest-agent";

    /// <inheritdoc/>
    public void Plan(LinuxGuest guest, StepPlan plan, CancellationToken cancel)
    {
        var mode = guest.Input.Options.GuestAgent;
        if (!Modes.Contains(mode))
            throw new StepException(ErrorCodes.Usage, $"--guest-agent {mode} is none of {string.Join(", ", Modes)}");
        if (mode == Off)
            return;
        var init = InitSystems.Of(guest.Files);
        if (init != InitSystem.Unknown && AgentService.Find(guest.Files, init) is { } service)
            Enable(guest, plan, init, service);
        else
            Install(guest, plan, init, mode);
    }

    private static void Enable(LinuxGuest guest, StepPlan plan, InitSystem init, string service)
    {
        if (AgentService.IsMasked(guest.Files, service))
        {
            plan.Refuse("the guest agent is masked and stays so", service, $"systemctl unmask {service[(service.LastIndexOf('/') + 1)..]}");
            return;
        }

        foreach (var link in AgentService.Enable(guest.Files, init, service))
            plan.Edit(link);
        if (plan.Edits.Count == 0)
            plan.Note("the guest agent is installed and enabled", service);
    }

    private static void Install(LinuxGuest guest, StepPlan plan, InitSystem init, string mode)
    {
        var package = guest.Input.Options.AgentPackage;
        if (init == InitSystem.Unknown)
        {
            plan.Warn("whether the guest agent is installed is not known: neither systemd, OpenRC nor System V init was found", hint: Hint);
        }
        else if (package is not null)
        {
            var (file, script) = AgentInstallation.FromFile(guest.Files, package);
            guest.FirstBoot.Add(script);
            if (!guest.Files.HasFile(file.Path) && !guest.Files.HasFile($"{FirstBootStep.State}/done/{script.Id}"))
                plan.Edit(file);
        }
        else if (mode == EnableOnly)
        {
            plan.Note("the guest agent is not installed", hint: Hint);
        }
        else if (AgentInstallation.IsPossible(guest.Files))
        {
            guest.FirstBoot.Add(AgentInstallation.FromRepository());
            plan.Note("the guest agent is not installed; the first boot tries to, without waiting for it", hint: "--guest-agent enable leaves the guest's packages alone.");
        }
        else
        {
            plan.Warn("the guest agent is not installed, and no package manager that is known was found", hint: Hint);
        }
    }
}
