namespace Hyper2Kvm.Guest.Volumes;

/// <summary>A map that is read and never written, though its disks could be.</summary>
internal sealed class UnwritableMap : VolumeMap
{
    private readonly VolumeMap _whole;

    /// <summary>Makes one.</summary>
    /// <param name="whole">The map.</param>
    /// <param name="reason">Why it is not written, for people, with what helps.</param>
    public UnwritableMap(VolumeMap whole, string reason)
        : base(whole.Length, [whole])
    {
        _whole = whole;
        IsReadOnly = true;
        WriteRefusal = reason;
    }

    /// <inheritdoc/>
    public override long Locate(long offset, ICollection<VolumePlace> places) => _whole.Locate(offset, places);
}
