using Hyper2Kvm.Copy.Journal;
using Hyper2Kvm.Core.Documents;

namespace Hyper2Kvm.Copy.Qcow2;

/// <summary>
/// A fresh qcow2 file, written by us: all lanes write data at once, through the page cache of nobody. The header comes
/// last, when all that it leads to is on stable storage: a file with a header is whole.
/// </summary>
internal sealed class Qcow2TargetDisk : ITargetDisk
{
    /// <summary>Runs of zeroes in a large cluster are left out, too: the file has a hole there.</summary>
    private const int LongestSparseBlock = 64 << 10;

    private readonly CopySettings _settings;
    private readonly Qcow2Options _options;
    private readonly Qcow2Geometry _geometry;
    private readonly FileTargetDisk _file;
    private readonly ImageFile _tables;
    private readonly Qcow2Image _image;

    /// <summary>Begins an image, or goes on with one.</summary>
    /// <param name="path">Where.</param>
    /// <param name="settings">How.</param>
    /// <param name="size">Of the disk, in bytes.</param>
    /// <param name="earlier">What an earlier run has finished; null to begin anew.</param>
    internal Qcow2TargetDisk(string path, CopySettings settings, ulong size, IReadOnlyList<ClusterRun>? earlier = null)
    {
        _settings = settings;
        _options = settings.Qcow2!;
        if (size > (ulong)_options.LongestDisk) throw new FileSystemErrorException(path, $"a qcow2 image with clusters of {_options.ClusterBytes} bytes", NativeMethods.Efbig);

        // Partial clusters rely on it that the file reads as zeroes where nothing was written. A device does not.
        if (NativeMethods.FileType(path) == NativeMethods.TypeBlockDevice) throw new FileSystemErrorException(path, "a qcow2 image on a block device", NativeMethods.Eopnotsupp);
        _geometry = new Qcow2Geometry(size, _options);

        // Clusters smaller than a page: data of two lanes, and tables, would share pages that are written around the cache.
        _file = new FileTargetDisk(path, settings with { Allocated = false, Direct = settings.Direct && _options.ClusterBytes >= Environment.SystemPageSize }, 0, keep: earlier is not null);
        _tables = new ImageFile(_file);
        try
        {
            _image = new Qcow2Image(_tables, _geometry);
            if (earlier is not null)
            {
                // A header that stands there already would lead to tables that are cut off now.
                _tables.Write(0, new byte[_geometry.ClusterBytes]);
                _image.Restore(earlier);
            }

            if (settings.Allocated) _image.Reserve();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public string Identity => _file.Identity;

    public bool ManyLanes => true;

    public int SparseBlock => _options.Compressed ? _options.ClusterBytes : Math.Clamp(_options.ClusterBytes, Environment.SystemPageSize, LongestSparseBlock);

    public uint Alignment => (uint)_options.ClusterBytes;

    /// <summary>Clusters that were never written are zero, and none is written twice.</summary>
    public bool IsZero(ulong offset, ulong length) => true;

    public ITargetLane OpenLane() => _options.Compressed ? new CompressingLane(_image, _geometry, _file) : new Qcow2TargetLane(_image, _file);

    /// <summary>Would the file of an earlier run do, by its length?</summary>
    internal static bool CanGoOn(string path, Qcow2Options options, ulong size, IReadOnlyList<ClusterRun> earlier) =>
        (ulong)new FileInfo(path).Length >= Qcow2Image.EndOf(new Qcow2Geometry(size, options), earlier);

    public ClusterRun[] PlacesOf(ByteRanges done) => _image.PlacesOf(done);

    public void Complete()
    {
        if (_settings.Allocated) _image.PlaceAll();
        var header = _image.WriteTables();
        if (_settings.Flush) _tables.Flush();
        _tables.Write(0, header);
    }

    public void Dispose()
    {
        _tables.Dispose();
        _file.Dispose();
    }
}
