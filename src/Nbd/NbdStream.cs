namespace Hyper2Kvm.Nbd;

/// <summary>
/// A read-only, seekable view of an export for whoever parses partition tables, headers and file systems: small reads
/// are served from a few cached blocks. Not thread safe.
/// </summary>
public sealed class NbdStream : Stream
{
    /// <summary>Bytes of one cached block.</summary>
    public const int BlockLength = 64 * 1024;

    private const int CachedBlocks = 16;
    private readonly NbdConnection _connection;
    private readonly bool _owns;
    private readonly LinkedList<(ulong Block, byte[] Data)> _cache = new();
    private long _position;

    /// <summary>Opens a view.</summary>
    /// <param name="connection">The connection, with nothing else going on.</param>
    /// <param name="leaveOpen">Keep the connection when the stream is disposed.</param>
    public NbdStream(NbdConnection connection, bool leaveOpen = false)
    {
        ArgumentNullException.ThrowIfNull(connection);
        _connection = connection;
        _owns = !leaveOpen;
    }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => true;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <summary>The size of the export in bytes.</summary>
    public override long Length => (long)_connection.Size;

    /// <inheritdoc/>
    public override long Position
    {
        get => _position;
        set
        {
            ArgumentOutOfRangeException.ThrowIfNegative(value);
            _position = value;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="NbdException">The read failed.</exception>
    public override int Read(Span<byte> buffer)
    {
        var count = (int)Math.Min(buffer.Length, Math.Max(0, Length - _position));
        for (var done = 0; done < count;)
        {
            done += ReadPart(buffer[done..count], (ulong)_position + (ulong)done);
        }

        _position += count;
        return count;
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => Position = offset + origin switch
    {
        SeekOrigin.Current => _position,
        SeekOrigin.End => Length,
        _ => 0,
    };

    /// <summary>Nothing to do.</summary>
    public override void Flush()
    {
    }

    /// <summary>Not possible.</summary>
    /// <param name="value">Unused.</param>
    public override void SetLength(long value) => throw new NotSupportedException("An NBD stream is read-only.");

    /// <summary>Not possible.</summary>
    /// <param name="buffer">Unused.</param>
    /// <param name="offset">Unused.</param>
    /// <param name="count">Unused.</param>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("An NBD stream is read-only.");

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && _owns) _connection.Dispose();
        base.Dispose(disposing);
    }

    private int ReadPart(Span<byte> into, ulong offset)
    {
        var within = (int)(offset % BlockLength);
        if (within == 0 && into.Length >= BlockLength)
        {
            // Whole blocks go past the cache: whoever reads much at once reads it once.
            var whole = into.Length / BlockLength * BlockLength;
            _connection.Read(offset, into[..whole]);
            return whole;
        }

        var data = Block(offset / BlockLength);
        var count = Math.Min(into.Length, data.Length - within);
        data.AsSpan(within, count).CopyTo(into);
        return count;
    }

    /// <summary>A block from the cache (least recently used goes first) or from the server.</summary>
    private byte[] Block(ulong block)
    {
        for (var node = _cache.First; node is not null; node = node.Next)
        {
            if (node.Value.Block != block) continue;
            _cache.Remove(node);
            _cache.AddFirst(node);
            return node.Value.Data;
        }

        var start = block * BlockLength;
        var data = new byte[Math.Min(BlockLength, _connection.Size - start)];
        _connection.Read(start, data);
        _cache.AddFirst((block, data));
        if (_cache.Count > CachedBlocks) _cache.RemoveLast();
        return data;
    }
}
