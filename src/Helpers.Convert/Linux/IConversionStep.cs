namespace Hyper2Kvm.Helpers.Convert.Linux;

/// <summary>One concern of the conversion. It reads the guest and says what it wants changed; it changes nothing itself.</summary>
internal interface IConversionStep
{
    /// <summary>Name in the report, for example <c>fstab</c>.</summary>
    string Concern { get; }

    /// <summary>Adds to the plan what this step wants. On a guest that was converted before, it adds no edit.</summary>
    /// <param name="guest">The guest and what was found out about it.</param>
    /// <param name="plan">Where edits, notes and warnings go.</param>
    /// <param name="cancel">Stops tools of the host.</param>
    void Plan(LinuxGuest guest, StepPlan plan, CancellationToken cancel);
}
