namespace Hyper2Kvm.Guest.Inspection.Tools;

/// <summary>What one hypervisor's tools put into a guest.</summary>
/// <param name="Name">What people call them.</param>
public sealed record HypervisorTool(string Name)
{
    /// <summary>What there is of them, each with files of which one tells that it is installed.</summary>
    public IReadOnlyList<ToolProduct> Products { get; init; } = [];

    /// <summary>Units of systemd.</summary>
    public IReadOnlyList<string> Units { get; init; } = [];

    /// <summary>Services of System V init, OpenRC and Upstart.</summary>
    public IReadOnlyList<string> Scripts { get; init; } = [];

    /// <summary>Modules that do harm on another hypervisor: they are loaded by name and fail, or take the place of a driver that works.</summary>
    public IReadOnlyList<string> Modules { get; init; } = [];

    /// <summary>How names of their packages begin, those of their kernel modules too.</summary>
    public IReadOnlyList<string> Packages { get; init; } = [];

    /// <summary>Programs that remove what came without a package; one <c>*</c> at the end of a directory's name.</summary>
    public IReadOnlyList<string> Uninstallers { get; init; } = [];
}

/// <summary>One product of a hypervisor's tools.</summary>
/// <param name="Name">Its name in an inspection.</param>
/// <param name="Files">Files that it is known by; one <c>*</c> at the end of a directory's name.</param>
public sealed record ToolProduct(string Name, params IReadOnlyList<string> Files);
