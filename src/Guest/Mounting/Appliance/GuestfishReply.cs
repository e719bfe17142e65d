namespace Hyper2Kvm.Guest.Mounting.Appliance;

/// <summary>What came of commands of guestfish.</summary>
/// <param name="Output">Lines that they printed.</param>
/// <param name="Errors">What failed, for people; empty where all went well.</param>
internal sealed record GuestfishReply(IReadOnlyList<string> Output, IReadOnlyList<string> Errors)
{
    /// <summary>Whether nothing failed.</summary>
    public bool Succeeded => Errors.Count == 0;

    /// <summary>All failures as one text.</summary>
    public string Problem => string.Join("; ", Errors);
}
