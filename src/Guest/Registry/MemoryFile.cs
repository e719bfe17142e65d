using Hyper2Kvm.Guest.Native;
using Microsoft.Win32.SafeHandles;

namespace Hyper2Kvm.Guest.Registry;

/// <summary>A file that has a path and lies in memory: nobody else can change it while a library reads it.</summary>
internal sealed class MemoryFile : IDisposable
{
    private readonly SafeFileHandle _file;

    /// <summary>Makes an empty one.</summary>
    /// <exception cref="IOException">There is no memory.</exception>
    public MemoryFile()
    {
        _file = NativeMethods.MemoryFile("hive");
        if (_file.IsInvalid)
        {
            throw new IOException($"memfd_create: {SystemError.Text(SystemError.Last)}");
        }
    }

    /// <summary>Its path, for as long as it is open (proc(5)).</summary>
    public string Path => $"/proc/self/fd/{_file.DangerousGetHandle()}";

    /// <summary>Copies a stream into it.</summary>
    /// <param name="from">The stream.</param>
    /// <param name="limit">Most bytes that are taken.</param>
    /// <returns>Whether that was all of it.</returns>
    public bool Fill(Stream from, long limit)
    {
        var buffer = new byte[1024 * 1024];
        var length = 0L;
        for (int count; (count = from.Read(buffer)) > 0; length += count)
        {
            if (length + count > limit)
            {
                return false;
            }

            RandomAccess.Write(_file, buffer.AsSpan(0, count), length);
        }

        return true;
    }

    /// <summary>All that is in it.</summary>
    public byte[] ReadAll()
    {
        var bytes = new byte[RandomAccess.GetLength(_file)];
        for (int at = 0, count; at < bytes.Length && (count = RandomAccess.Read(_file, bytes.AsSpan(at), at)) > 0; at += count)
        {
        }

        return bytes;
    }

    /// <summary>Its first bytes; fewer where it is shorter.</summary>
    /// <param name="bytes">How many.</param>
    public byte[] Start(int bytes)
    {
        var start = new byte[bytes];
        return start[..RandomAccess.Read(_file, start, 0)];
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
