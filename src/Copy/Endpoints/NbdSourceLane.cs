using Hyper2Kvm.Nbd;

namespace Hyper2Kvm.Copy;

/// <summary>Reads over one NBD connection. Of the server's limits nobody else knows: reads that are too long for it go in parts, and all of them in whole blocks.</summary>
internal sealed class NbdSourceLane(NbdConnection connection, BufferPool pool) : ISourceLane
{
    /// <summary>Reads in parts, by the cookie of each part that is in flight.</summary>
    private readonly Dictionary<ulong, PartedRead> _parts = [];
    private BufferPool? _partBuffers;

    public int InFlight { get; private set; }

    public IReadOnlyList<SourceExtent> Extents(ulong offset, ulong length)
    {
        if (!connection.Export.MetaContexts.ContainsKey(NbdConnectionOptions.BaseAllocation)) return [new SourceExtent(offset, length, false)];
        var whole = connection.Export.WholeBlocks(offset + length) - offset;
        var extents = connection.BlockStatus(NbdConnectionOptions.BaseAllocation, offset, (uint)Math.Min(whole, NbdExtentReader.DefaultAskLength));
        return [.. extents.Select(e => new SourceExtent(e.Offset, e.Length, e.IsZero))];
    }

    public void Submit(ulong offset, uint length)
    {
        var end = connection.Export.WholeBlocks(offset + length);
        if (end == offset + length && length <= connection.MaxRequest) connection.SubmitRead(offset, length, pool);
        else SubmitParts(offset, length, end);
        InFlight++;
    }

    public SourceData Receive()
    {
        while (true)
        {
            var completion = connection.WaitAny();
            if (!_parts.Remove(completion.Cookie, out var read))
            {
                InFlight--;
                return new SourceData(completion.Offset, completion.Length, completion.Buffer, completion.Error);
            }

            read.Take(completion);
            if (completion.Buffer is not null) _partBuffers!.Return(completion.Buffer);
            if (read.Missing > 0) continue;
            InFlight--;
            return read.Data;
        }
    }

    public void Return(NbdBuffer buffer) => pool.Return(buffer);

    public void Shutdown() => connection.Shutdown();

    public void Dispose()
    {
        connection.Dispose();
        _partBuffers?.Dispose();
    }

    private void SubmitParts(ulong offset, uint length, ulong end)
    {
        var read = new PartedRead(offset, length, pool.Rent((int)(end - offset)));
        var longest = (uint)Math.Min(connection.MaxRequest, (ulong)read.Data.Buffer!.Capacity);
        _partBuffers ??= new BufferPool((int)longest);
        while (offset < end)
        {
            var part = (uint)Math.Min(longest, end - offset);
            _parts.Add(connection.SubmitRead(offset, part, _partBuffers), read);
            read.Missing++;
            offset += part;
        }
    }

    /// <summary>A read that is answered in parts.</summary>
    private sealed class PartedRead(ulong offset, uint length, NbdBuffer buffer)
    {
        private Exception? _error;

        internal int Missing { get; set; }

        internal SourceData Data => new(offset, length, buffer, _error);

        internal void Take(NbdCompletion part)
        {
            Missing--;
            _error ??= part.Error;
            if (part.Error is null) part.Buffer!.Span[..(int)part.Length].CopyTo(buffer.Span[(int)(part.Offset - offset)..]);
        }
    }
}
