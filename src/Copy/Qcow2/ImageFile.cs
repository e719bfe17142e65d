using System.Runtime.InteropServices;

namespace Hyper2Kvm.Copy.Qcow2;

/// <summary>The file under an image, as its tables need it: written here and there, read back, made longer.</summary>
internal sealed unsafe class ImageFile(FileTargetDisk file) : IDisposable
{
    private readonly FileTargetLane _lane = new(file);

    internal void Write(ulong offset, ReadOnlySpan<byte> bytes) => _lane.Write(offset, bytes);

    /// <summary>Reads what was written before.</summary>
    internal void Read(ulong offset, Span<byte> bytes)
    {
        fixed (byte* p = bytes)
        {
            for (var done = 0; done < bytes.Length;)
            {
                var n = NativeMethods.ReadAt(file.Buffered, p + done, (nuint)(bytes.Length - done), (long)offset + done);
                if (n == 0) throw new FileSystemErrorException(file.Path, "read beyond the end (somebody cut the file)", NativeMethods.Eio);
                if (n > 0) done += (int)n;
                else if (Marshal.GetLastPInvokeError() != NativeMethods.Eintr) throw Failed("pread");
            }
        }
    }

    internal void SetLength(ulong bytes)
    {
        if (NativeMethods.Truncate(file.Buffered, (long)bytes) != 0) throw Failed("ftruncate");
    }

    /// <summary>Gives the file its length and all its space.</summary>
    /// <exception cref="FileSystemErrorException">There is not so much, or the file system cannot.</exception>
    internal void Reserve(ulong bytes)
    {
        if (NativeMethods.Fallocate(file.Buffered, 0, 0, (long)bytes) != 0) throw Failed("fallocate");
    }

    internal void Flush() => _lane.Flush();

    public void Dispose() => _lane.Dispose();

    private FileSystemErrorException Failed(string call) => new(file.Path, call, Marshal.GetLastPInvokeError());
}
