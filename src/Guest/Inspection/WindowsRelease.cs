namespace Hyper2Kvm.Guest.Inspection;

/// <summary>Which Windows a build is. 10 and 11, and the servers since 2016, all call themselves version 10.0.</summary>
/// <remarks>Build numbers: Microsoft, "Windows 11 release information", "Windows Server release information", and OSVERSIONINFOEXW for those before.</remarks>
internal static class WindowsRelease
{
    /// <summary>First build of each, newest first; a build between two is a later one of the older.</summary>
    private static readonly (int Build, string Release)[] Clients =
        [(22000, "11"), (10240, "10"), (9600, "8.1"), (9200, "8"), (7600, "7"), (6000, "vista"), (2600, "xp")];

    private static readonly (int Build, string Release)[] Servers =
    [
        (26100, "server-2025"), (20348, "server-2022"), (17763, "server-2019"), (14393, "server-2016"), (9600, "server-2012-r2"), (9200, "server-2012"),
        (7600, "server-2008-r2"), (6001, "server-2008"), (3790, "server-2003"),
    ];

    /// <summary>Its name, <c>11</c> or <c>server-2022</c>; <see langword="null"/> for one that is older than all that are known.</summary>
    /// <param name="build">CurrentBuildNumber.</param>
    /// <param name="isServer">Whether it is a server.</param>
    public static string? Of(int build, bool isServer) => (isServer ? Servers : Clients).FirstOrDefault(release => release.Build <= build).Release;
}
