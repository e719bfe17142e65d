using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Selinux;

/// <summary>What <c>/etc/selinux/config</c> says (selinux_config(5)).</summary>
/// <param name="IsEnabled">Enforcing or permissive: labels count either way, since a permissive system can be switched while it runs.</param>
/// <param name="Policy">Name of the policy, a directory of <c>/etc/selinux</c>.</param>
internal sealed record SelinuxSettings(bool IsEnabled, string Policy)
{
    /// <summary>Where it is.</summary>
    public const string Path = "/etc/selinux/config";

    /// <summary>Reads it; <see langword="null"/> where the guest has no SELinux.</summary>
    /// <param name="files">The guest.</param>
    public static SelinuxSettings? Read(IGuestFiles files)
    {
        if (files.ReadText(Path) is not { } text)
            return null;
        var values = text.Split('\n').Select(line => line.Trim().Split('=', 2)).Where(parts => parts.Length == 2 && !parts[0].StartsWith('#'))
            .GroupBy(parts => parts[0].TrimEnd(), StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.Last()[1].Trim(), StringComparer.Ordinal);
        var policy = values.GetValueOrDefault("SELINUXTYPE", "targeted");
        return policy.Contains('/', StringComparison.Ordinal) || policy is "" or "." or ".." ? null
            : new SelinuxSettings(!values.GetValueOrDefault("SELINUX", "disabled").Equals("disabled", StringComparison.OrdinalIgnoreCase), policy);
    }
}
