namespace Hyper2Kvm.Guest.Mounting;

/// <summary>One line of the guest's fstab (fstab(5)), its escapes undone.</summary>
/// <param name="Spec">What is mounted: <c>UUID=…</c>, <c>/dev/sda1</c>, <c>proc</c>.</param>
/// <param name="MountPoint">Where, absolute; <c>none</c> for swap.</param>
/// <param name="Type">File system type, several with commas, or <c>auto</c>.</param>
/// <param name="Options">Options in their order.</param>
public sealed record FstabEntry(string Spec, string MountPoint, string Type, IReadOnlyList<string> Options)
{
    /// <summary>Whether it names a volume: neither a virtual nor a network file system, nor swap, nor a bind mount.</summary>
    public bool IsVolume
        => MountPoint.StartsWith('/')
            && Type is not ("swap" or "tmpfs" or "proc" or "sysfs" or "nfs" or "nfs4" or "cifs" or "9p" or "virtiofs" or "overlay")
            && !Options.Any(option => option is "bind" or "rbind" or "_netdev")
            && (Spec.StartsWith("/dev/", StringComparison.Ordinal) || IsTag("UUID=") || IsTag("LABEL=") || IsTag("PARTUUID=") || IsTag("PARTLABEL="));

    /// <summary>Value of an option, <c>subvol=VALUE</c>, or <see langword="null"/>.</summary>
    /// <param name="name">Name of the option.</param>
    public string? Option(string name)
        => Options.LastOrDefault(option => option.StartsWith(name + "=", StringComparison.Ordinal))?[(name.Length + 1)..];

    private bool IsTag(string tag) => Spec.StartsWith(tag, StringComparison.Ordinal);
}
