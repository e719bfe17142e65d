using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;

namespace Hyper2Kvm.Helpers.Convert.Linux.Customise;

/// <summary>What the user wants changed in the guest, in the order in which it was said; the options are virt-customize's.</summary>
internal sealed class CustomiseStep : IConversionStep
{
    /// <summary>One class each; what runs at the first boot is queued by its own step.</summary>
    private static readonly Dictionary<string, Action<CustomisedFiles, JobCustomisation, StepPlan>> Operations = new(StringComparer.Ordinal)
    {
        ["hostname"] = HostName.Set,
        ["timezone"] = TimeZone.Set,
        ["mkdir"] = FileOperations.MakeDirectory,
        ["upload"] = FileOperations.Upload,
        ["write"] = FileOperations.Write,
        ["append-line"] = FileOperations.AppendLine,
        ["edit"] = PerlEdit.Edit,
        ["delete"] = FileOperations.Delete,
        ["link"] = FileOperations.Link,
        ["chmod"] = FileOperations.ChangeMode,
        ["ssh-inject"] = SshKey.Inject,
        ["root-password"] = RootPassword.Set,
    };

    /// <inheritdoc/>
    public string Concern => "customise";

    /// <inheritdoc/>
    public void Plan(LinuxGuest guest, StepPlan plan, CancellationToken cancel)
    {
        var wanted = guest.Input.Options.Customise.Where(operation => !FirstBootOperation.Is(operation)).ToList();
        if (wanted.Count == 0)
            return;
        var files = CustomisedFiles.After(guest.Files, guest.Plans.SelectMany(other => other.Edits));
        foreach (var operation in wanted)
        {
            cancel.ThrowIfCancellationRequested();
            if (!Operations.TryGetValue(operation.Action, out var apply))
                throw new StepException(ErrorCodes.Usage, $"{operation.Action} in convert.customise of job.json is no customisation", $"It is one of {string.Join(", ", Operations.Keys)}, firstboot, firstboot-command.");
            apply(files, operation, plan);
        }

        foreach (var edit in files.Edits())
            plan.Edit(edit);
    }
}
