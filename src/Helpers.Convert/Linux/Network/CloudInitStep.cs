using System.Text.RegularExpressions;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Network;

/// <summary>
/// Keeps cloud-init from taking the converted guest for a new one. Its data source stayed with the old host (VMware, OVF, Azure, a seed on
/// an ISO image): it would wait for it, fall back to none, make new SSH host keys, reset users and replace the network configuration.
/// </summary>
/// <remarks>
/// <c>manual_cache_clean</c> has it trust what it knows of its instance (cloud-init, "Boot stages"); ds-identify goes by the marker in the
/// instance's directory. It throws both away once its Python is another one, at the guest's next upgrade: a seed of NoCloud on the disk tells
/// it then that it is the same instance. A guest whose data source moves with it, or that never ran cloud-init, is left alone.
/// </remarks>
internal sealed partial class CloudInitStep : IConversionStep
{
    /// <summary>The last one wins, and 99- is what people and installers take.</summary>
    private const string ConfigurationPath = "/etc/cloud/cloud.cfg.d/zz-hyper2kvm.cfg";
    private const string Instance = "/var/lib/cloud/instance";
    private const string Marker = $"{Instance}/manual-clean";
    private const string Reason = "cloud-init keeps the instance that it knows: its data source stayed with the old host";

    /// <summary>Data sources that are in the guest itself, or that a host with KVM may have.</summary>
    private static readonly string[] Moving = ["NoCloud", "ConfigDrive", "None", "Fallback", "OpenStack", "CloudStack", "OpenNebula", "MAAS", "LXD"];

    /// <inheritdoc/>
    public string Concern => "cloud-init";

    /// <inheritdoc/>
    public void Plan(LinuxGuest guest, StepPlan plan, CancellationToken cancel)
    {
        var files = guest.Files;
        if (files.HasFile("/etc/cloud/cloud-init.disabled") || files.ReadText($"{Instance}/datasource") is not { } recorded || Source().Match(recorded) is not { Success: true } source)
            return;
        var name = source.Groups["name"].Value;
        if (Moving.Contains(name) && !recorded.Contains("seed=/dev/", StringComparison.Ordinal))
            return;
        var seed = CloudInitSeed.Of(files);
        plan.Edit(GuestText.Rewrite(ConfigurationPath, Reason, files.ReadText(ConfigurationPath) ?? string.Empty, _ => Configuration(name, seed is not null)));
        foreach (var edit in seed ?? [])
            plan.Edit(edit);
        if (!files.HasFile(Marker))
            plan.Edit(new WriteFile(Marker, Reason, GuestText.Bytes(string.Empty)));
        plan.Note($"cloud-init had its data from {name} of the old host; it keeps the instance and the network configuration that it made", ConfigurationPath, $"To have it start anew, remove this file and {Marker}, and run cloud-init clean.");
    }

    private static string Configuration(string source, bool hasSeed) =>
        $$"""
        # Written by hyper2kvm. The data source {{source}} stayed with the old host. Without these settings cloud-init
        # would take this machine for a new one: new SSH host keys, new network configuration.
        {{(hasSeed ? "datasource_list: [ NoCloud, None ]\n" : string.Empty)}}manual_cache_clean: true
        network:
          config: disabled

        """;

    /// <summary>As the instance has it on file: <c>DataSourceOVF: DataSourceOVF [seed=vmware-tools]</c>.</summary>
    [GeneratedRegex("^DataSource(?<name>[A-Za-z0-9]+?)(?:Net|Local)?:")]
    private static partial Regex Source();
}
