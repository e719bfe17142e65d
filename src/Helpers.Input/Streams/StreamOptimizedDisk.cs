using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Helpers.Input.Images;
using Hyper2Kvm.Helpers.Input.Images.Vmdk;
using Hyper2Kvm.Nbd;
using Hyper2Kvm.Nbd.Server;

namespace Hyper2Kvm.Helpers.Input.Streams;

/// <summary>A stream-optimised VMDK, read-only, its grains inflated by as many threads as ask for them.</summary>
internal sealed class StreamOptimizedDisk : IServedDisk, IDisposable
{
    /// <summary>Locks that keep two threads from inflating one grain of which each wants a part.</summary>
    private const int Stripes = 64;

    /// <summary>NBD_STATE_HOLE and NBD_STATE_ZERO (proto.md, "base:allocation metadata context").</summary>
    private const uint HoleAndZero = 3;

    private readonly SourceFile _file;
    private readonly GrainMap _map;
    private readonly GrainCache _cache;
    private readonly Lock[] _stripes = [.. Enumerable.Range(0, Stripes).Select(_ => new Lock())];
    private readonly Stack<GrainReader> _readers = new();
    private readonly long _grainBytes;

    private StreamOptimizedDisk(SourceFile file, GrainMap map, SparseExtentHeader header, GrainCache cache)
    {
        _file = file;
        _map = map;
        _cache = cache;
        _grainBytes = header.GrainSize * DiskImage.Sector;
        Size = (ulong)header.Capacity * DiskImage.Sector;
    }

    /// <inheritdoc/>
    public ulong Size { get; }

    /// <inheritdoc/>
    public uint PreferredBlock => (uint)_grainBytes;

    /// <summary>Opens one and reads its tables.</summary>
    /// <param name="path">Real path of the file.</param>
    /// <param name="cache">Where grains are kept that are wanted in pieces; not disposed of.</param>
    /// <returns>The disk; <see langword="null"/> where its tables take too much memory.</returns>
    /// <exception cref="StepException">It cannot be opened, or its tables are damaged.</exception>
    public static StreamOptimizedDisk? TryOpen(string path, GrainCache cache)
    {
        var file = SourceFile.Open(path);
        try
        {
            // Read again: between the first look and now the file could have been replaced.
            var header = HostedSparseExtent.ReadHeader(file);
            if (header.IsStream && GrainMap.TryRead(file, header) is { } map)
            {
                return new StreamOptimizedDisk(file, map, header, cache);
            }
        }
        catch
        {
            file.Dispose();
            throw;
        }

        file.Dispose();
        return null;
    }

    /// <inheritdoc/>
    public void Read(ulong offset, Span<byte> into)
    {
        GrainReader? reader = null;
        var whole = into;
        try
        {
            while (into.Length > 0)
            {
                var grain = (long)offset / _grainBytes;
                var start = (int)((long)offset % _grainBytes);
                var part = into[..(int)Math.Min(into.Length, _grainBytes - start)];
                if (_map[grain] is var sector && sector == 0)
                {
                    part.Clear();
                }
                else if (!_cache.TryCopy(this, grain, start, part))
                {
                    reader ??= RentReader();

                    // A read of this grain and nothing else may be a step through it, or come again; one that goes on is a copy.
                    if (part.Length == _grainBytes && whole.Length > part.Length)
                    {
                        reader.Read(grain, sector, part);
                    }
                    else
                    {
                        ReadPart(reader, grain, sector, start, part);
                    }
                }

                into = into[part.Length..];
                offset += (ulong)part.Length;
            }
        }
        finally
        {
            if (reader is not null)
            {
                lock (_readers)
                {
                    _readers.Push(reader);
                }
            }
        }
    }

    /// <inheritdoc/>
    public NbdExtent ExtentAt(ulong offset, ulong end)
    {
        var grain = (long)offset / _grainBytes;
        var stop = Math.Min(end, Size);
        var isHole = _map[grain] == 0;
        var next = grain;
        do
        {
            next = isHole && _map.IsTableEmpty(next, out var table) ? table : next + 1;
        }
        while ((ulong)(next * _grainBytes) < stop && _map[next] == 0 == isHole);
        return new NbdExtent(offset, Math.Min((ulong)(next * _grainBytes), stop) - offset, isHole ? HoleAndZero : 0);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var reader in _readers)
        {
            reader.Dispose();
        }

        _file.Dispose();
    }

    private void ReadPart(GrainReader reader, long grain, uint sector, int start, Span<byte> part)
    {
        lock (_stripes[grain % Stripes])
        {
            if (_cache.TryCopy(this, grain, start, part))
            {
                return;
            }

            var whole = reader.Read(grain, sector);
            _cache.Add(this, grain, whole);
            whole.Slice(start, part.Length).CopyTo(part);
        }
    }

    private GrainReader RentReader()
    {
        lock (_readers)
        {
            return _readers.TryPop(out var idle) ? idle : new GrainReader(_file, _grainBytes, (long)Size);
        }
    }
}
