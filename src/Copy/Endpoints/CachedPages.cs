using Microsoft.Win32.SafeHandles;

namespace Hyper2Kvm.Copy;

/// <summary>Tells what of a file is in the page cache, with mincore(2) over a mapping whose pages are never touched: no byte is read by it.</summary>
internal sealed unsafe class CachedPages : IDisposable
{
    private readonly byte* _mapping;
    private readonly nuint _length;

    /// <summary>Maps the file. A file that cannot be mapped counts as not cached.</summary>
    /// <param name="file">Open for reading.</param>
    /// <param name="length">Bytes.</param>
    internal CachedPages(SafeFileHandle file, ulong length)
    {
        _length = (nuint)length;
        _mapping = length == 0 ? NativeMethods.MapFailed : NativeMethods.Map(null, _length, NativeMethods.ProtectionRead, NativeMethods.MapShared, file, 0);
    }

    /// <summary>Whether all of a range is there. A moment later it may not be: good for choosing a way, not for relying on it.</summary>
    /// <param name="offset">Where it starts, a multiple of the page size.</param>
    /// <param name="length">Bytes.</param>
    internal bool Hold(ulong offset, uint length)
    {
        if (_mapping == NativeMethods.MapFailed || offset + length > _length) return false;
        var pages = stackalloc byte[(int)((length + (uint)Environment.SystemPageSize - 1) / (uint)Environment.SystemPageSize)];
        if (NativeMethods.InCore(_mapping + offset, length, pages) != 0) return false;
        for (var rest = length; rest > 0; rest -= (uint)Math.Min(rest, Environment.SystemPageSize))
        {
            if ((*pages++ & 1) == 0) return false; // The other bits are reserved.
        }

        return true;
    }

    public void Dispose()
    {
        if (_mapping != NativeMethods.MapFailed) _ = NativeMethods.Unmap(_mapping, _length);
    }
}
