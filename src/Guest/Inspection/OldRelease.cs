using System.Text.RegularExpressions;

namespace Hyper2Kvm.Guest.Inspection;

/// <summary>What a system says of itself in the files that were there before os-release(5).</summary>
/// <param name="Id">As os-release's ID would be.</param>
/// <param name="Version">As VERSION_ID would be; <see langword="null"/> where the file tells none.</param>
/// <param name="Name">The file's first line.</param>
internal sealed partial record OldRelease(string Id, string? Version, string Name)
{
    /// <summary>The files, those of one distribution before those that its relatives have too, with the ID where the text does not tell it.</summary>
    public static readonly IReadOnlyList<(string Path, string Id)> Files =
    [
        ("/etc/oracle-release", "ol"), ("/etc/rocky-release", "rocky"), ("/etc/almalinux-release", "almalinux"), ("/etc/openEuler-release", "openEuler"),
        ("/etc/anolis-release", "anolis"), ("/etc/kylin-release", "kylin"), ("/etc/neokylin-release", "kylin"), ("/etc/fedora-release", "fedora"), ("/etc/centos-release", "centos"),
        ("/etc/redhat-release", "rhel"), ("/etc/photon-release", "photon"), ("/etc/SuSE-release", "sles"), ("/etc/alpine-release", "alpine"), ("/etc/arch-release", "arch"),
        ("/etc/system-release", "rhel"), ("/etc/debian_version", "debian"),
    ];

    /// <summary>What redhat-release and system-release of the relatives begin with.</summary>
    private static readonly (string Start, string Id)[] Relatives =
    [
        ("CentOS", "centos"), ("Fedora", "fedora"), ("Oracle", "ol"), ("Enterprise Linux Enterprise Linux", "ol"), ("Rocky", "rocky"), ("AlmaLinux", "almalinux"),
        ("Scientific", "scientific"), ("Amazon", "amzn"), ("Anolis", "anolis"), ("openEuler", "openEuler"), ("Kylin", "kylin"), ("NeoKylin", "kylin"), ("openSUSE", "opensuse"), ("VMware Photon", "photon"),
    ];

    /// <summary>Reads the first of the files that is there.</summary>
    /// <param name="read">Text of a file, <see langword="null"/> where there is none.</param>
    public static OldRelease? Find(Func<string, string?> read)
    {
        foreach (var (path, id) in Files)
        {
            if (read(path) is { } text)
            {
                return Parse(text.Trim(), id);
            }
        }

        return null;
    }

    private static OldRelease Parse(string text, string id)
    {
        var name = text.Split('\n')[0].Trim();
        var known = Relatives.FirstOrDefault(relative => name.StartsWith(relative.Start, StringComparison.OrdinalIgnoreCase)).Id ?? id;
        var version = FirstNumber().Match(text);
        return new OldRelease(known, version.Success ? version.Groups["version"].Value : null, name.Length > 0 && !char.IsAsciiDigit(name[0]) ? name : $"{known} {name}".TrimEnd());
    }

    /// <summary>The first number: <c>release 6.10 (Final)</c>, <c>VERSION = 11</c>, <c>3.18.4</c>.</summary>
    [GeneratedRegex(@"(?<![\w.])(?<version>[0-9]+(?:\.[0-9]+)*)")]
    private static partial Regex FirstNumber();
}
