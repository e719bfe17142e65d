using Hyper2Kvm.Guest.Volumes;
using Hyper2Kvm.Guest.Volumes.Luks;

namespace Hyper2Kvm.Guest.Mounting;

/// <summary>The names that a guest gives to its encrypted volumes (crypttab(5)): <c>sda3_crypt UUID=… none luks</c>.</summary>
internal static class Crypttab
{
    /// <summary>Most lines that are looked at.</summary>
    private const int MostEntries = 1000;

    private static readonly char[] Blanks = [' ', '\t'];

    /// <summary>What each name below /dev/mapper means: what is in the container, or the container itself where it is locked.</summary>
    /// <param name="text">The file.</param>
    /// <param name="volumes">All volumes of the guest.</param>
    /// <param name="naming">Which disk the guest means by which name.</param>
    public static IReadOnlyDictionary<string, GuestVolume> Names(string text, IReadOnlyList<GuestVolume> volumes, DiskNaming naming)
    {
        var names = new Dictionary<string, GuestVolume>(StringComparer.Ordinal);
        foreach (var fields in text.Split('\n')
            .Select(line => line.Trim(' ', '\t', '\r'))
            .Where(line => line.Length > 0 && !line.StartsWith('#'))
            .Select(line => line.Split(Blanks, StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields.Length >= 2)
            .Take(MostEntries))
        {
            if (DeviceSpec.Resolve(fields[1], volumes, naming) is { Content: LockedVolumes.Luks } container)
            {
                names.TryAdd($"/dev/mapper/{fields[0]}", Opened(container, volumes) ?? container);
            }
        }

        return names;
    }

    private static GuestVolume? Opened(GuestVolume container, IReadOnlyList<GuestVolume> volumes)
        => container.Uuid is null ? null : volumes.FirstOrDefault(volume => volume.Kind == VolumeKind.Opened && volume.Device == LuksOpener.NameOf(container.Uuid.ToLowerInvariant()));
}
