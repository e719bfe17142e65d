namespace Hyper2Kvm.Helpers.Convert.Linux.Verification;

/// <summary>One thing that is looked at in an image to tell whether it boots. It only reads.</summary>
internal interface IGuestCheck
{
    /// <summary>Name in the findings, for example <c>fstab</c>.</summary>
    string Name { get; }

    /// <summary>Looks.</summary>
    /// <param name="guest">The guest.</param>
    /// <param name="findings">Where it says what it found.</param>
    /// <param name="cancel">Stops tools of the host.</param>
    void Check(VerifiedGuest guest, Findings findings, CancellationToken cancel);
}
