using Hyper2Kvm.Core.Errors;

namespace Hyper2Kvm.Guest.Volumes;

/// <summary>Writes through a map. What is mirrored is written to every copy. For many threads at once.</summary>
/// <param name="map">Where the bytes are.</param>
internal sealed class MapWriter(VolumeMap map)
{
    private readonly Lock _copies = new();

    private delegate void Change(IBlockStore store, long offset, long from, long length);

    /// <summary>Writes.</summary>
    /// <param name="data">What.</param>
    /// <param name="offset">Where, bytes.</param>
    /// <exception cref="StepException">Not all of it could be written (<see cref="ErrorCodes.ConvertDisk"/>).</exception>
    public unsafe void Write(ReadOnlySpan<byte> data, long offset)
    {
        // A span does not go into a lambda; the pointer is good as long as this call.
        fixed (byte* start = data)
        {
            var pointer = (nint)start;
            Each(offset, data.Length, (store, at, from, length) => store.WriteAt(new ReadOnlySpan<byte>((byte*)pointer + from, (int)length), at));
        }
    }

    /// <summary>Makes a range read as zeroes.</summary>
    /// <param name="offset">Where, bytes.</param>
    /// <param name="length">How much, bytes.</param>
    /// <exception cref="StepException">Not all of it could be written (<see cref="ErrorCodes.ConvertDisk"/>).</exception>
    public void Zero(long offset, long length) => Each(offset, length, (store, at, _, count) => store.Zero(at, count));

    /// <summary>Gives a range back.</summary>
    /// <param name="offset">Where, bytes.</param>
    /// <param name="length">How much, bytes.</param>
    public void Trim(long offset, long length) => Each(offset, length, (store, at, _, count) => store.Trim(at, count));

    /// <summary>Makes what was written durable.</summary>
    /// <exception cref="StepException">A write was lost (<see cref="ErrorCodes.ConvertDisk"/>).</exception>
    public void Flush()
    {
        foreach (var store in map.Stores.OfType<IBlockStore>())
        {
            store.Flush();
        }
    }

    private void Each(long offset, long length, Change change)
    {
        // Two writes at a time over one another would leave the copies in different orders, and so differing.
        if (map.Copies > 1)
        {
            lock (_copies)
            {
                EachPiece(offset, length, change);
            }
        }
        else
        {
            EachPiece(offset, length, change);
        }
    }

    private void EachPiece(long offset, long length, Change change)
    {
        var places = new List<VolumePlace>();
        for (long done = 0; done < length;)
        {
            places.Clear();
            var run = Math.Min(map.Locate(offset + done, places), length - done);
            foreach (var place in places)
            {
                change((IBlockStore)place.Store, place.Offset, done, run);
            }

            done += run;
        }
    }
}
