using System.Globalization;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Helpers.Convert.Linux.Customise;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.FirstBoot;

/// <summary>Queues what the user and other steps want run at the first boot, each script once, whatever its guest is converted again.</summary>
internal sealed class FirstBootStep : IConversionStep
{
    /// <summary>Where the queue and what belongs to it are in the guest.</summary>
    public const string State = "/var/lib/hyper2kvm/firstboot";

    private const string Queue = $"{State}/scripts";
    private const uint OwnerOnly = 0x1C0; // what is in a script is nobody else's business

    /// <inheritdoc/>
    public string Concern => "firstboot";

    /// <inheritdoc/>
    public void Plan(LinuxGuest guest, StepPlan plan, CancellationToken cancel)
    {
        foreach (var operation in guest.Input.Options.Customise.Where(FirstBootOperation.Is))
            guest.FirstBoot.Add(FirstBootOperation.Script(operation));
        var scripts = guest.FirstBoot.All.DistinctBy(script => script.Id).ToList();
        if (scripts.Count == 0)
            return;
        var init = InitSystems.Of(guest.Files);
        if (init == InitSystem.Unknown)
            throw new StepException(ErrorCodes.ConvertCustomise, "scripts cannot run at the first boot: neither systemd, OpenRC nor System V init was found in the guest", "Leave --firstboot and --remove-tools out, and --guest-agent off.");

        var queued = guest.Files.List(Queue);
        var done = guest.Files.List($"{State}/done");
        var isAwaited = false;
        foreach (var script in scripts)
        {
            if (done.Contains(script.Id))
            {
                plan.Note($"not queued again, since it has run in this guest: {script.Reason}", $"{State}/done/{script.Id}");
                continue;
            }

            isAwaited = true;
            if (!queued.Any(name => name.EndsWith($"-{script.Id}", StringComparison.Ordinal)))
                plan.Edit(new WriteFile($"{Queue}/{Next(script, queued.Concat(plan.Edits.Select(edit => edit.Path)))}-{script.Id}", script.Reason, script.Content, IsText: false) { Mode = OwnerOnly });
        }

        if (!isAwaited)
            return;
        foreach (var edit in FirstBootService.Edits(guest.Files, init))
            plan.Edit(edit);
        plan.Note($"{scripts.Count(script => !done.Contains(script.Id))} scripts run at the first boot", Queue, "Their log in the guest is /var/log/hyper2kvm-firstboot.log.");
    }

    /// <summary>Its number: behind those of its class that wait already.</summary>
    private static string Next(FirstBootScript script, IEnumerable<string> names)
        => names
            .Select(name => int.TryParse(name[(name.LastIndexOf('/') + 1)..].Split('-')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0)
            .Where(number => number / 1000 == (int)script.Rank / 1000)
            .Select(number => number + 1)
            .DefaultIfEmpty((int)script.Rank)
            .Max()
            .ToString("D4", CultureInfo.InvariantCulture);
}
