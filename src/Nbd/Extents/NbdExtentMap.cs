namespace Hyper2Kvm.Nbd;

/// <summary>All extents of an export, in order, contiguous from 0 to its size. 24 bytes of memory an extent.</summary>
public sealed class NbdExtentMap
{
    private readonly List<NbdExtent> _extents;

    private NbdExtentMap(List<NbdExtent> extents) => _extents = extents;

    /// <summary>The extents.</summary>
    public IReadOnlyList<NbdExtent> Extents => _extents;

    /// <summary>Asks for the whole map.</summary>
    /// <param name="connection">A connection to the export.</param>
    /// <param name="context">The metadata context.</param>
    /// <exception cref="NbdException">A question failed.</exception>
    public static NbdExtentMap Read(NbdConnection connection, string context = NbdConnectionOptions.BaseAllocation)
    {
        ArgumentNullException.ThrowIfNull(connection);
        var reader = new NbdExtentReader(connection.Size);
        var extents = new List<NbdExtent>();
        while (reader.Next(connection, context: context) is { } extent)
        {
            if (extents.Count > 0 && extents[^1].Flags == extent.Flags)
            {
                extents[^1] = extents[^1] with { Length = extents[^1].Length + extent.Length };
            }
            else
            {
                extents.Add(extent);
            }
        }

        return new NbdExtentMap(extents);
    }

    /// <summary>The extent that holds a byte.</summary>
    /// <param name="offset">Where, in bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">Behind the end.</exception>
    public NbdExtent At(ulong offset)
    {
        int low = 0, high = _extents.Count - 1;
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var extent = _extents[middle];
            if (offset < extent.Offset) high = middle - 1;
            else if (offset >= extent.End) low = middle + 1;
            else return extent;
        }

        throw new ArgumentOutOfRangeException(nameof(offset), offset, "Behind the end of the map.");
    }
}
