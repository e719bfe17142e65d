using System.IO.Compression;

namespace Hyper2Kvm.Helpers.Input.Streams;

/// <summary>Inflates with the runtime's own zlib-ng: 1.8 times as fast as the zlib that QEMU uses.</summary>
/// <remarks>
/// <see cref="ZLibStream"/> cannot be used twice, so there is one for each grain: 10 µs of the 95 that a grain of 64 KiB takes. A
/// <see cref="DeflateStream"/> behind the two bytes of the zlib header is no faster, and does not look at the checksum. A stream that ends before
/// its checksum is taken for whole by the runtime; its data is, then.
/// </remarks>
internal sealed class ZlibInflater : IInflater
{
    /// <inheritdoc/>
    public int Inflate(byte[] data, int start, int length, Span<byte> output)
    {
        try
        {
            using var stream = new ZLibStream(new MemoryStream(data, start, length, writable: false), CompressionMode.Decompress);
            var done = stream.ReadAtLeast(output, output.Length, throwOnEndOfStream: false);

            // One byte further: the checksum is looked at only at the end, and there must be an end.
            return done < output.Length || stream.ReadByte() < 0 ? done : -1;
        }
        catch (InvalidDataException)
        {
            return -1;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
