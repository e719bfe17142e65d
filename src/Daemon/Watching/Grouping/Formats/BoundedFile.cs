using Hyper2Kvm.Daemon.Native;
using Microsoft.Win32.SafeHandles;

namespace Hyper2Kvm.Daemon.Watching.Grouping.Formats;

/// <summary>A file of which little is read.</summary>
internal sealed class BoundedFile : IDisposable
{
    /// <summary>Longest text that is read, bytes: what QEMU takes of a VMDK descriptor (block/vmdk.c, vmdk_read_desc), and more than any other description has.</summary>
    public const int LongestText = 1 << 20;

    private readonly SafeFileHandle _handle;

    /// <summary>Opens a file.</summary>
    /// <param name="path">Absolute path; a link is not followed.</param>
    /// <exception cref="IOException">It cannot be opened.</exception>
    public BoundedFile(string path)
    {
        _handle = NativeMethods.OpenForReading(path);
        if (_handle.IsInvalid)
        {
            throw new IOException("it cannot be opened");
        }
    }

    /// <summary>Up to so many bytes of a place; fewer where the file ends, none where the place makes no sense.</summary>
    /// <param name="offset">Where, bytes; from the file, so anything.</param>
    /// <param name="count">How many; no more than <see cref="LongestText"/> are read.</param>
    public byte[] Read(ulong offset, ulong count)
    {
        var length = (ulong)RandomAccess.GetLength(_handle);
        var buffer = new byte[offset < length ? Math.Min(Math.Min(count, LongestText), length - offset) : 0];
        var done = 0;
        while (done < buffer.Length)
        {
            var read = RandomAccess.Read(_handle, buffer.AsSpan(done), (long)offset + done);
            if (read == 0)
            {
                break;
            }

            done += read;
        }

        return buffer[..done];
    }

    /// <summary>Exactly so many bytes of a place.</summary>
    /// <param name="offset">Where, bytes.</param>
    /// <param name="count">How many.</param>
    /// <exception cref="FormatException">The file ends before.</exception>
    public byte[] ReadAll(ulong offset, int count)
        => Read(offset, (ulong)count) is var bytes && bytes.Length == count ? bytes : throw new FormatException("it ends too early");

    /// <summary>The whole file, a text.</summary>
    /// <exception cref="FormatException">It is longer than <see cref="LongestText"/>.</exception>
    public byte[] ReadText()
        => Read(0, LongestText) is var bytes && bytes.Length < LongestText ? bytes : throw new FormatException($"it is longer than {LongestText} bytes");

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();
}
