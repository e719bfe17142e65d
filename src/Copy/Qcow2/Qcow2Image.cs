using Hyper2Kvm.Copy.Journal;

namespace Hyper2Kvm.Copy.Qcow2;

/// <summary>
/// A fresh image while it is written: what is allocated to what. Lanes ask it where their data goes and then write by
/// themselves, all at once. Called by many threads.
/// </summary>
internal sealed class Qcow2Image
{
    private readonly Lock _lock = new();
    private readonly ImageFile _file;
    private readonly Qcow2Geometry _geometry;
    private readonly ClusterAllocator _allocator;
    private readonly ClusterMap _map;
    private readonly Refcounts _refcounts;

    internal Qcow2Image(ImageFile file, Qcow2Geometry geometry)
    {
        _file = file;
        _geometry = geometry;
        _allocator = new ClusterAllocator(file, geometry.ClusterBytes);
        _map = new ClusterMap(file, _allocator, geometry);
        _refcounts = new Refcounts(file, _allocator, geometry);
    }

    /// <summary>The first byte of the file behind all that an earlier run has finished.</summary>
    /// <param name="geometry">Of the image.</param>
    /// <param name="runs">Where it is.</param>
    /// <returns>Bytes, a multiple of the cluster size.</returns>
    internal static ulong EndOf(Qcow2Geometry geometry, IEnumerable<ClusterRun> runs) => runs
        .Select(run => Place(geometry, run.Entry))
        .Zip(runs, (place, run) => Qcow2Geometry.RoundUp(place.Offset + place.Length, geometry.ClusterBytes) + ((ulong)(run.Count - 1) * geometry.ClusterBytes))
        .Append(geometry.ClusterBytes)
        .Max();

    /// <summary>Takes over what an earlier run has finished. Before anything is placed.</summary>
    /// <param name="runs">Where it is; of a cluster that comes twice the last counts.</param>
    /// <exception cref="InvalidDataException">No image of this size has a cluster there.</exception>
    internal void Restore(IReadOnlyList<ClusterRun> runs)
    {
        lock (_lock)
        {
            _allocator.GoOnFrom(EndOf(_geometry, runs));
            foreach (var run in runs)
            {
                for (var i = 0; i < run.Count; i++)
                {
                    var (cluster, entry) = (run.First + (ulong)i, run.Entry + ((ulong)i * _geometry.ClusterBytes));
                    var (offset, length) = Place(_geometry, entry);
                    if (cluster >= _geometry.Clusters || offset < _geometry.ClusterBytes || (IsPlain(entry) && offset % _geometry.ClusterBytes != 0))
                    {
                        throw new InvalidDataException($"the journal says of cluster {cluster} that it is at {offset}, where none can be");
                    }

                    var old = _map[cluster];
                    if (old == entry) continue;
                    if (old != 0) Release(old);
                    _refcounts.Add(offset, length);
                    _map[cluster] = entry;
                }
            }
        }
    }

    /// <summary>Where ranges of the disk are in the file.</summary>
    internal ClusterRun[] PlacesOf(ByteRanges done)
    {
        lock (_lock)
        {
            return [.. done.Ranges.SelectMany(range => _map.Runs(range.Offset / _geometry.ClusterBytes, Qcow2Geometry.Divide(range.Offset + range.Length, _geometry.ClusterBytes)))];
        }
    }

    /// <summary>Gives the file the space of all its clusters now.</summary>
    internal void Reserve() => _allocator.Reserve(_geometry.WholeFileBytes);

    /// <summary>Where a range of the disk is to be written. Clusters that have no place get one: neighbours in one piece.</summary>
    /// <param name="offset">On the disk, bytes; of any alignment.</param>
    /// <param name="length">Bytes, at least one.</param>
    /// <param name="runs">Cleared, and filled in order.</param>
    internal void Place(ulong offset, int length, List<HostRun> runs)
    {
        runs.Clear();
        var end = offset + (ulong)length;
        lock (_lock)
        {
            while (offset < end)
            {
                var first = offset / _geometry.ClusterBytes;
                var last = (end - 1) / _geometry.ClusterBytes;
                var entry = _map[first];
                var clusters = 1UL;
                if (!IsPlain(entry))
                {
                    if (entry != 0) ReleaseWhole(first, entry, offset, end);
                    while (first + clusters <= last && _map[first + clusters] == 0) clusters++;
                    entry = Allocate(first, clusters);
                }

                var inside = offset % _geometry.ClusterBytes;
                var part = Math.Min((clusters * _geometry.ClusterBytes) - inside, end - offset);
                Append(runs, new HostRun((entry & ~ClusterMap.Copied) + inside, (int)part));
                offset += part;
            }
        }
    }

    /// <summary>Space of whole clusters for compressed data. Its refcounts stay 0 until something is put there.</summary>
    /// <param name="bytes">A multiple of the cluster size.</param>
    internal ulong AllocateChunk(ulong bytes)
    {
        lock (_lock) return _allocator.Allocate(bytes / _geometry.ClusterBytes);
    }

    /// <summary>Says where a guest cluster's compressed data is.</summary>
    /// <returns>False if the cluster has a plain place already, which must then be written.</returns>
    internal bool SetCompressed(ulong cluster, ulong offset, uint length)
    {
        lock (_lock)
        {
            var old = _map[cluster];
            if (IsPlain(old)) return false;
            if (old != 0) Release(old);
            var descriptor = CompressedDescriptor.Make(_geometry.ClusterBits, offset, length);
            var (start, sectors) = CompressedDescriptor.Range(_geometry.ClusterBits, descriptor);
            _refcounts.Add(start, sectors);
            _map[cluster] = descriptor;
            return true;
        }
    }

    /// <summary>Gives a place to every guest cluster that has none; it reads as zeroes where the file was reserved.</summary>
    internal void PlaceAll()
    {
        lock (_lock)
        {
            for (ulong cluster = 0; cluster < _geometry.Clusters; cluster++)
            {
                if (_map[cluster] == 0) _ = Allocate(cluster, 1);
            }
        }
    }

    /// <summary>Writes all tables, and cuts the file to its length. Only the header is missing then.</summary>
    /// <returns>The header.</returns>
    internal byte[] WriteTables()
    {
        lock (_lock)
        {
            _map.Write();
            var l1 = Refcounts.Entries([.. _map.Tables, .. new ulong[_geometry.L1Entries - _map.Tables.Count]], ClusterMap.Copied);
            var l1Clusters = Qcow2Geometry.Divide((ulong)l1.Length, _geometry.ClusterBytes);
            var l1Offset = l1Clusters == 0 ? 0 : _allocator.Allocate(l1Clusters);
            if (l1Clusters != 0)
            {
                _file.Write(l1Offset, l1);
                _refcounts.Add(l1Offset, l1Clusters * _geometry.ClusterBytes);
            }

            // Tables that were written out early were not counted then: a count may itself write out a table.
            foreach (var table in _map.Tables.Where(table => table != 0)) _refcounts.Add(table, _geometry.ClusterBytes);
            _refcounts.Add(0, _geometry.ClusterBytes);
            var (tableOffset, tableClusters) = _refcounts.Write();
            _allocator.Trim();
            return Qcow2Header.Make(_geometry, l1Offset, tableOffset, tableClusters);
        }
    }

    private static (ulong Offset, ulong Length) Place(Qcow2Geometry geometry, ulong entry) => IsPlain(entry)
        ? (entry & ~ClusterMap.Copied, geometry.ClusterBytes)
        : CompressedDescriptor.Range(geometry.ClusterBits, entry);

    private static bool IsPlain(ulong entry) => (entry & ClusterMap.Copied) != 0;

    private static void Append(List<HostRun> runs, HostRun run)
    {
        if (runs.Count > 0 && runs[^1].Offset + (ulong)runs[^1].Length == run.Offset) runs[^1] = runs[^1] with { Length = runs[^1].Length + run.Length };
        else runs.Add(run);
    }

    private ulong Allocate(ulong first, ulong clusters)
    {
        var offset = _allocator.Allocate(clusters);
        _refcounts.Add(offset, clusters * _geometry.ClusterBytes);
        for (ulong i = 0; i < clusters; i++) _map[first + i] = (offset + (i * _geometry.ClusterBytes)) | ClusterMap.Copied;
        return offset;
    }

    /// <summary>A compressed cluster that is written once more as a plain one.</summary>
    private void ReleaseWhole(ulong cluster, ulong entry, ulong offset, ulong end)
    {
        var start = cluster * _geometry.ClusterBytes;
        if (offset > start || end < Math.Min(start + _geometry.ClusterBytes, _geometry.DiskBytes))
        {
            throw new InvalidOperationException($"a part of the compressed cluster at {start} is written again");
        }

        Release(entry);
    }

    private void Release(ulong entry)
    {
        var (start, length) = Place(_geometry, entry);
        _refcounts.Add(start, length, -1);
    }
}
