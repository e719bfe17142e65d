using System.Runtime.InteropServices;
using Hyper2Kvm.Helpers.Input.Native;

namespace Hyper2Kvm.Helpers.Input.Streams;

/// <summary>Inflates with libdeflate (Debian: libdeflate0), made for buffers that are there as a whole: 1.5 times as fast as zlib-ng.</summary>
internal sealed unsafe class LibdeflateInflater : IInflater
{
    private nint _decompressor;

    private LibdeflateInflater(nint decompressor) => _decompressor = decompressor;

    /// <summary>Whether the library is there.</summary>
    public static bool IsAvailable { get; } = NativeLibrary.TryLoad(NativeMethods.Libdeflate, typeof(LibdeflateInflater).Assembly, DllImportSearchPath.SafeDirectories, out _);

    /// <summary>One of it, or <see langword="null"/> where the library is not there.</summary>
    public static LibdeflateInflater? TryCreate()
        => IsAvailable && NativeMethods.AllocateDecompressor() is var made and not 0 ? new LibdeflateInflater(made) : null;

    /// <inheritdoc/>
    public int Inflate(byte[] data, int start, int length, Span<byte> output)
    {
        ObjectDisposedException.ThrowIf(_decompressor == 0, this);
        nuint done;
        fixed (byte* from = data.AsSpan(start, length), to = output)
        {
            // LIBDEFLATE_SUCCESS is 0; the others are BAD_DATA and INSUFFICIENT_SPACE (libdeflate.h).
            return NativeMethods.Decompress(_decompressor, from, (nuint)length, to, (nuint)output.Length, &done) == 0 ? (int)done : -1;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_decompressor != 0)
        {
            NativeMethods.FreeDecompressor(_decompressor);
            _decompressor = 0;
        }
    }
}
