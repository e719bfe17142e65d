namespace Hyper2Kvm.Helpers.Convert.Linux.FirstBoot;

/// <summary>What steps want run at the first boot; <see cref="FirstBootStep"/> puts it into the guest.</summary>
internal sealed class FirstBootScripts
{
    private readonly List<FirstBootScript> _all = [];

    /// <summary>The scripts, in the order in which they were added.</summary>
    public IReadOnlyList<FirstBootScript> All => _all;

    /// <summary>Adds one.</summary>
    /// <param name="script">The script.</param>
    public void Add(FirstBootScript script) => _all.Add(script);
}
