using System.Text.RegularExpressions;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Network;

/// <summary>A seed for cloud-init's data source NoCloud that tells a guest that it is the instance that it was (cloud-init, "NoCloud").</summary>
internal static partial class CloudInitSeed
{
    private const string Directory = "/var/lib/cloud/seed/nocloud";
    private const string MetaData = $"{Directory}/meta-data";
    private const string UserData = $"{Directory}/user-data";
    private const string Reason = "cloud-init finds the instance that it was where it has forgotten it";
    private const long LargestUserData = 1 << 20;
    private const uint OwnerOnly = 0x180; // as cloud-init keeps user data

    /// <summary>The edits that make it; none where it is there.</summary>
    /// <param name="files">The guest.</param>
    /// <returns><see langword="null"/> where the guest has a seed of its own, or does not tell which instance it is.</returns>
    public static IReadOnlyList<GuestEdit>? Of(IGuestFiles files)
    {
        if (files.ReadText("/var/lib/cloud/data/instance-id")?.Trim() is not { } id || !Id().IsMatch(id))
            return null;
        var metaData = $"instance-id: \"{id}\"\n";
        if (files.ReadText(MetaData) is { } present)
            return present == metaData ? [] : null;
        const string Kept = "/var/lib/cloud/instance/user-data.txt";
        var userData = files.Status(Kept) is { Kind: GuestFileKind.File, Length: <= LargestUserData } ? files.ReadBounded(Kept, LargestUserData) : [];
        return [new WriteFile(MetaData, Reason, GuestText.Bytes(metaData)), new WriteFile(UserData, Reason, userData, IsText: false) { Mode = OwnerOnly }];
    }

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._:+-]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Id();
}
