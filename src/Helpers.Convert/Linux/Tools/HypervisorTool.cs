namespace Hyper2Kvm.Helpers.Convert.Linux.Tools;

/// <summary>What one hypervisor's tools put into a guest.</summary>
/// <param name="Name">What people call them.</param>
internal sealed record HypervisorTool(string Name)
{
    /// <summary>Units of systemd.</summary>
    public string[] Units { get; init; } = [];

    /// <summary>Services of System V init, OpenRC and Upstart.</summary>
    public string[] Scripts { get; init; } = [];

    /// <summary>Modules that do harm on another hypervisor: they are loaded by name and fail, or take the place of a driver that works.</summary>
    public string[] Modules { get; init; } = [];

    /// <summary>How names of their packages begin, those of their kernel modules too.</summary>
    public string[] Packages { get; init; } = [];

    /// <summary>Programs that remove what came without a package; one <c>*</c> at the end of a directory's name.</summary>
    public string[] Uninstallers { get; init; } = [];
}
