using Hyper2Kvm.Nbd;

namespace Hyper2Kvm.Copy.Tests;

/// <summary>A source of extents at odd offsets, answered in pieces of any length.</summary>
internal sealed class RandomExtents : ISourceLane
{
    private readonly List<SourceExtent> _extents = [];
    private readonly Random _random;

    internal RandomExtents(Random random, ulong size)
    {
        _random = random;
        for (var at = 0UL; at < size;)
        {
            var length = Math.Min((ulong)random.NextInt64(1, 1L << random.Next(1, 31)), size - at);
            _extents.Add(new SourceExtent(at, length, random.Next(2) == 0));
            at += length;
            if (_extents.Count > 3000) at = Fill(at, size);
        }
    }

    public int InFlight => 0;

    internal bool IsZero(SourceExtent range) => _extents.TrueForAll(e => e.IsZero || e.End <= range.Offset || e.Offset >= range.End);

    public IReadOnlyList<SourceExtent> Extents(ulong offset, ulong length)
    {
        var end = offset + Math.Max(1, (ulong)_random.NextInt64((long)length));
        return [.. _extents.Where(e => e.End > offset && e.Offset < end)
            .Select(e => new SourceExtent(Math.Max(e.Offset, offset), e.End - Math.Max(e.Offset, offset), e.IsZero))];
    }

    public void Submit(ulong offset, uint length) => throw new NotSupportedException();

    public SourceData Receive() => throw new NotSupportedException();

    public void Return(NbdBuffer buffer) => throw new NotSupportedException();

    public void Shutdown()
    {
    }

    public void Dispose()
    {
    }

    private ulong Fill(ulong at, ulong size)
    {
        if (at < size) _extents.Add(new SourceExtent(at, size - at, true));
        return size;
    }
}
