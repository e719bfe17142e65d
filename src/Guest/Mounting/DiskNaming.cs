namespace Hyper2Kvm.Guest.Mounting;

/// <summary>Which disk the guest means by its first, second … disk name (<c>sda sdb</c>, <c>nvme0n1 nvme1n1</c>).</summary>
/// <remarks>
/// Usually the order in which the disks were given. A user who names the data disk first, or leaves the guest's first disk out, must
/// not get a guest in which <c>/dev/sda1</c> became the name of another file system; see <see cref="DiskNamingSearch"/>.
/// </remarks>
public sealed class DiskNaming
{
    private readonly int[]? _places;

    /// <summary>Makes a naming.</summary>
    /// <param name="places">For each disk as given: its place in the guest's names, from 0.</param>
    public DiskNaming(IReadOnlyList<int> places) => _places = [.. places];

    private DiskNaming()
    {
    }

    private DiskNaming(int[]? places, IReadOnlyDictionary<string, GuestVolume> opened)
    {
        _places = places;
        Opened = opened;
    }

    /// <summary>The guest's names follow the order in which its disks were given.</summary>
    public static DiskNaming AsGiven { get; } = new();

    /// <summary>What the guest's own names of encrypted volumes mean, <c>/dev/mapper/sda3_crypt</c> (its crypttab).</summary>
    internal IReadOnlyDictionary<string, GuestVolume> Opened { get; } = new Dictionary<string, GuestVolume>();

    /// <summary>Whether the guest's names follow the order in which its disks were given.</summary>
    public bool IsAsGiven => _places is null || !_places.Where((place, disk) => place != disk).Any();

    /// <summary>Index of the disk that has a place in the guest's names; one that does not exist where none has.</summary>
    /// <param name="place">0 for <c>sda</c>.</param>
    public int DiskAt(int place) => _places is null ? place : Array.IndexOf(_places, place);

    /// <summary>The same with the guest's names of encrypted volumes.</summary>
    /// <param name="opened">What each means.</param>
    internal DiskNaming With(IReadOnlyDictionary<string, GuestVolume> opened) => new(_places, opened);

    /// <summary>Place of a disk in the guest's names.</summary>
    /// <param name="disk">Index of the disk as given, from 0.</param>
    public int PlaceOf(int disk) => _places is null ? disk : _places[disk];
}
