using Hyper2Kvm.Nbd;

namespace Hyper2Kvm.Copy;

/// <summary>A target behind an NBD server.</summary>
internal sealed class NbdTargetDisk : ITargetDisk
{
    /// <summary>A target with more extents than this is no fresh disk; what is unknown is zeroed.</summary>
    private const int MostExtents = 65536;

    private readonly NbdEndpoint _endpoint;
    private readonly NbdConnectionOptions _options;
    private readonly CopySettings _settings;
    private readonly NbdExport _export;
    private readonly List<NbdExtent> _zeroes = [];
    private readonly int _server;
    private NbdConnection? _first;

    internal NbdTargetDisk(NbdEndpoint endpoint, CopySettings settings, ulong needed)
    {
        _endpoint = endpoint;
        _settings = settings;
        _options = new NbdConnectionOptions { Timeout = settings.Timeout };
        _first = NbdConnection.Connect(endpoint, _options);
        _export = _first.Export;
        _server = _first.ServerProcess;
        MaximumWrite = _first.MaxRequest;
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

    internal ulong Size => _export.Size;

    internal bool ReadOnly => _export.ReadOnly;

    public string Identity => EndpointIdentity.OfServer(_endpoint, _server);

    public bool ManyLanes => _export.MultiConn;

    public int SparseBlock => (int)Math.Clamp(_export.BlockSize.Preferred, 4096u, 64u * 1024);

    public uint MaximumWrite { get; }

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

    public ITargetLane OpenLane() =>
        new NbdTargetLane(Interlocked.Exchange(ref _first, null) ?? NbdConnection.Connect(_endpoint, _options), _settings);

    public void Dispose() => _first?.Dispose();

    /// <summary>
    /// A fresh disk says that it is zero, in 2 GiB steps: cheaper than to zero it. Asked before the first write, so the
    /// answer holds for all that we have not written ourselves.
    /// </summary>
    private void ReadZeroes(ulong needed)
    {
        if (!_export.MetaContexts.ContainsKey(NbdConnectionOptions.BaseAllocation)) return;
        var reader = new NbdExtentReader(needed);
        for (var seen = 0; seen < MostExtents && reader.Next(_first!) is { } extent; seen++)
        {
            if (!extent.IsZero || (_settings.Allocated && extent.IsHole)) continue;
            if (_zeroes.Count > 0 && _zeroes[^1].End == extent.Offset) _zeroes[^1] = _zeroes[^1] with { Length = _zeroes[^1].Length + extent.Length };
            else _zeroes.Add(extent);
        }
    }
}
