using System.Runtime.InteropServices;

namespace Hyper2Kvm.Nbd;

/// <summary>
/// Memory outside the collected heap, aligned to a page, that replies are received into and O_DIRECT writes come from.
/// Not thread safe; <see cref="Dispose"/> gives the memory back.
/// </summary>
public sealed unsafe class NbdBuffer : IDisposable
{
    /// <summary>Alignment in bytes: a page, which every O_DIRECT target accepts.</summary>
    public const int Alignment = 4096;

    private byte* _pointer;

    /// <summary>Allocates; the content is undefined.</summary>
    /// <param name="capacity">Bytes.</param>
    public NbdBuffer(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        _pointer = (byte*)NativeMemory.AlignedAlloc((nuint)capacity, Alignment);
        Capacity = capacity;
    }

    /// <summary>Returns the memory if <see cref="Dispose"/> was forgotten.</summary>
    ~NbdBuffer() => Free();

    /// <summary>Bytes that fit.</summary>
    public int Capacity { get; }

    /// <summary>The first byte. Valid until <see cref="Dispose"/>.</summary>
    public nint Pointer
    {
        get
        {
            ObjectDisposedException.ThrowIf(_pointer is null, this);
            return (nint)_pointer;
        }
    }

    /// <summary>The whole buffer. Valid until <see cref="Dispose"/>.</summary>
    public Span<byte> Span => new((byte*)Pointer, Capacity);

    /// <inheritdoc/>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        NativeMemory.AlignedFree(_pointer);
        _pointer = null;
    }
}
