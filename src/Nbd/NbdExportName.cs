namespace Hyper2Kvm.Nbd;

/// <summary>One answer to NBD_OPT_LIST.</summary>
/// <param name="Name">The export's name; empty for the default export.</param>
/// <param name="Description">What the server says about it; empty where it says nothing.</param>
public sealed record NbdExportName(string Name, string Description);
