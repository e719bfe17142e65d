namespace Hyper2Kvm.Core.Documents;

/// <summary>What the registry of a Windows says of it (SOFTWARE, Microsoft\Windows NT\CurrentVersion); what it does not say is missing.</summary>
public sealed record WindowsMetadata
{
    /// <summary>Its directory on its volume, <c>/Windows</c>, as the volume spells it.</summary>
    public required string SystemRoot { get; init; }

    /// <summary>Name for people.</summary>
    public string? ProductName { get; init; }

    /// <summary>Version of its kernel, <c>10.0</c>.</summary>
    public string? Version { get; init; }

    /// <summary>CurrentBuildNumber, <c>20348</c>: what tells releases apart.</summary>
    public int? Build { get; init; }

    /// <summary>UBR: the update of the build.</summary>
    public int? Revision { get; init; }

    /// <summary>DisplayVersion, or ReleaseId before there was one: <c>22H2</c>.</summary>
    public string? DisplayVersion { get; init; }

    /// <summary>EditionID, <c>ServerStandard</c>.</summary>
    public string? Edition { get; init; }

    /// <summary><c>Client</c>, <c>Server</c>, <c>Server Core</c> or <c>Nano Server</c>.</summary>
    public string? InstallationType { get; init; }

    /// <summary>The control set in use, <c>ControlSet001</c>: what Windows shows as CurrentControlSet.</summary>
    public string? ControlSet { get; init; }
}
