using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Nbd.Server;

namespace Hyper2Kvm.Guest.Volumes;

/// <summary>A mapped volume as the NBD server serves it, for writing too. What is mirrored is written to every copy.</summary>
/// <remarks>Never waits for anything but the disks below: what is mounted from it may be waiting for it.</remarks>
internal sealed class WritableMappedDisk : MappedDisk, IWritableServedDisk
{
    private readonly VolumeMap _map;
    private readonly IReadOnlyList<IBlockStore> _stores;
    private readonly Lock _copies = new();

    /// <summary>Makes one.</summary>
    /// <param name="map">Where its bytes are; nothing of it may be read-only.</param>
    /// <param name="stores">All that it lies on.</param>
    public WritableMappedDisk(VolumeMap map, IReadOnlyList<IBlockStore> stores)
        : base(map)
    {
        _map = map;
        _stores = stores;
    }

    private delegate void Change(IBlockStore store, long offset, long from, long length);

    /// <inheritdoc/>
    public unsafe void Write(ulong offset, ReadOnlySpan<byte> data)
    {
        // A span does not go into a lambda; the pointer is good as long as this call.
        fixed (byte* start = data)
        {
            var pointer = (nint)start;
            Each(offset, (ulong)data.Length, (store, at, from, length) => store.WriteAt(new ReadOnlySpan<byte>((byte*)pointer + from, (int)length), at));
        }
    }

    /// <inheritdoc/>
    public void Zero(ulong offset, ulong length) => Each(offset, length, (store, at, _, count) => store.Zero(at, count));

    /// <inheritdoc/>
    public void Trim(ulong offset, ulong length) => Each(offset, length, (store, at, _, count) => store.Trim(at, count));

    /// <inheritdoc/>
    public void Flush()
    {
        try
        {
            foreach (var store in _stores)
            {
                store.Flush();
            }
        }
        catch (StepException failure)
        {
            throw Failed(failure);
        }
    }

    private void Each(ulong offset, ulong length, Change change)
    {
        // Two writes at a time over one another would leave the copies in different orders, and so differing.
        if (_map.Copies > 1)
        {
            lock (_copies)
            {
                EachPiece((long)offset, (long)length, change);
            }
        }
        else
        {
            EachPiece((long)offset, (long)length, change);
        }
    }

    private void EachPiece(long offset, long length, Change change)
    {
        var places = new List<VolumePlace>();
        try
        {
            for (long done = 0; done < length;)
            {
                places.Clear();
                var run = Math.Min(_map.Locate(offset + done, places), length - done);
                foreach (var place in places)
                {
                    change((IBlockStore)place.Store, place.Offset, done, run);
                }

                done += run;
            }
        }
        catch (StepException failure)
        {
            throw Failed(failure);
        }
    }
}
