using Hyper2Kvm.Nbd;

namespace Hyper2Kvm.Copy;

/// <summary>A target behind an NBD server.</summary>
internal sealed class NbdTargetDisk : ITargetDisk
{
    /// <summary>A target with more extents than this is no fresh disk; what is unknown is zeroed.</summary>
    private const int MostExtents = 65536;

    private readonly NbdServerConnections _server;
    private readonly CopySettings _settings;
    private readonly List<NbdExtent> _zeroes = [];

    internal NbdTargetDisk(NbdEndpoint endpoint, CopySettings settings, ulong needed)
    {
        _settings = settings;
        _server = new NbdServerConnections(endpoint, settings, "what the first had not stored");
        if (Size < needed || ReadOnly || settings.DestinationIsZero) return;
        try
        {
            ReadZeroes(needed);
        }
        catch (NbdServerException)
        {
            // It failed the question, and what is not known to be zero is zeroed.
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    internal ulong Size => _server.Export.Size;

    internal bool ReadOnly => _server.Export.ReadOnly;

    public string Identity => _server.Identity;

    public bool ManyLanes => _server.Export.MultiConn;

    public int SparseBlock => (int)Math.Clamp(_server.Export.BlockSize.Preferred, 4096u, NbdBlockSize.LargestMinimum);

    public uint Alignment => _server.Export.BlockSize.Minimum;

    public bool IsZero(ulong offset, ulong length)
    {
        if (_settings.DestinationIsZero) return !_settings.Allocated;
        int low = 0, high = _zeroes.Count - 1;
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (offset < _zeroes[middle].Offset) high = middle - 1;
            else if (offset >= _zeroes[middle].End) low = middle + 1;
            else return length <= _zeroes[middle].End - offset;
        }

        return false;
    }

    public ITargetLane OpenLane() => new NbdTargetLane(_server.Take(), _settings);

    public void Dispose() => _server.Dispose();

    /// <summary>
    /// A fresh disk says that it is zero, in 2 GiB steps: cheaper than to zero it. Asked before the first write, so the
    /// answer holds for all that we have not written ourselves.
    /// </summary>
    private void ReadZeroes(ulong needed)
    {
        if (!_server.Export.MetaContexts.ContainsKey(NbdConnectionOptions.BaseAllocation)) return;
        var reader = new NbdExtentReader(_server.Export.WholeBlocks(needed));
        for (var seen = 0; seen < MostExtents && reader.Next(_server.First) is { } extent; seen++)
        {
            if (!extent.IsZero || (_settings.Allocated && extent.IsHole)) continue;
            if (_zeroes.Count > 0 && _zeroes[^1].End == extent.Offset) _zeroes[^1] = _zeroes[^1] with { Length = _zeroes[^1].Length + extent.Length };
            else _zeroes.Add(extent);
        }
    }
}
