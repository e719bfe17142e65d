using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Nbd.Server;

namespace Hyper2Kvm.Guest.Volumes;

/// <summary>A mapped volume as the NBD server serves it, for writing too.</summary>
/// <remarks>Never waits for anything but the disks below: what is mounted from it may be waiting for it.</remarks>
internal sealed class WritableMappedDisk : MappedDisk, IWritableServedDisk
{
    private readonly MapWriter _writer;

    /// <summary>Makes one.</summary>
    /// <param name="map">Where its bytes are; nothing of it may be read-only.</param>
    public WritableMappedDisk(VolumeMap map)
        : base(map)
    {
        _writer = new MapWriter(map);
        CanTrim = map.Stores.OfType<IBlockStore>().All(store => store.CanTrim);
    }

    /// <inheritdoc/>
    public bool CanTrim { get; }

    /// <inheritdoc/>
    public void Write(ulong offset, ReadOnlySpan<byte> data)
    {
        try
        {
            _writer.Write(data, (long)offset);
        }
        catch (StepException failure)
        {
            throw Failed(failure);
        }
    }

    /// <inheritdoc/>
    public void Zero(ulong offset, ulong length) => Try(() => _writer.Zero((long)offset, (long)length));

    /// <inheritdoc/>
    public void Trim(ulong offset, ulong length) => Try(() => _writer.Trim((long)offset, (long)length));

    /// <inheritdoc/>
    public void Flush() => Try(_writer.Flush);

    private static void Try(Action change)
    {
        try
        {
            change();
        }
        catch (StepException failure)
        {
            throw Failed(failure);
        }
    }
}
