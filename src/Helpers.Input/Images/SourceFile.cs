using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Helpers.Input.Native;
using Microsoft.Win32.SafeHandles;

namespace Hyper2Kvm.Helpers.Input.Images;

/// <summary>A file or block device of a source, open for reading; every read is checked against its length.</summary>
internal sealed class SourceFile : IDisposable
{
    private const int RegularFile = 0x8000;
    private const int BlockDevice = 0x6000;
    private const int DirectoryType = 0x4000;

    private readonly SafeFileHandle _handle;

    private SourceFile(string path, SafeFileHandle handle, bool isBlockDevice)
    {
        Path = path;
        _handle = handle;
        IsBlockDevice = isBlockDevice;
        Length = NativeMethods.Length(handle);

        // The kernel's own name of the open file: no symbolic link is left in it (proc(5), /proc/PID/fd).
        RealPath = File.ResolveLinkTarget($"/proc/self/fd/{handle.DangerousGetHandle()}", returnFinalTarget: false)?.FullName ?? path;
    }

    /// <summary>Absolute path as the caller named it.</summary>
    public string Path { get; }

    /// <summary>Absolute path without symbolic links.</summary>
    public string RealPath { get; }

    /// <summary>Directory that the real file is in.</summary>
    public string RealDirectory => System.IO.Path.GetDirectoryName(RealPath)!;

    /// <summary>Length in bytes.</summary>
    public long Length { get; }

    /// <summary>Whether it is a block device.</summary>
    public bool IsBlockDevice { get; }

    /// <summary>Opens a source.</summary>
    /// <param name="path">Absolute path.</param>
    /// <param name="missing">The failure that it means where it does not exist.</param>
    /// <param name="missingMessage">The message for that; the path and "does not exist" where it is left out.</param>
    /// <exception cref="StepException">It does not exist, may not be read, is empty, or is neither a file nor a block device.</exception>
    public static SourceFile Open(string path, ErrorCode? missing = null, string? missingMessage = null)
    {
        var type = NativeMethods.FileType(path);
        if (type is not (RegularFile or BlockDevice or 0))
        {
            // Before opening: a FIFO would make us wait for ever.
            throw new StepException(
                ErrorCodes.InputFormat,
                $"{path} is {(type == DirectoryType ? "a directory" : "neither a file nor a block device")}",
                "Name the disk image itself.");
        }

        try
        {
            var file = new SourceFile(path, File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite), type == BlockDevice);
            if (file.Length <= 0)
            {
                file.Dispose();
                throw new StepException(ErrorCodes.InputEmpty, $"{path} is empty (0 bytes)");
            }

            return file;
        }
        catch (Exception absent) when (absent is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new StepException(missing ?? ErrorCodes.InputMissing, missingMessage ?? $"{path} does not exist", inner: absent);
        }
        catch (UnauthorizedAccessException denied)
        {
            throw new StepException(ErrorCodes.InputPermission, $"{path} may not be read by this user", inner: denied);
        }
        catch (IOException broken)
        {
            throw new StepException(ErrorCodes.Input, $"{path} cannot be opened: {broken.Message}", inner: broken);
        }
    }

    /// <summary>Opens a file that another one names. It has to lie in that file's own directory: what a source says is not trusted, and must not reach /etc/shadow or a device of this host.</summary>
    /// <param name="name">The name as the other file has it.</param>
    /// <exception cref="StepException">It is missing, elsewhere, or no plain file.</exception>
    public SourceFile OpenNeighbour(string name)
    {
        if (name.Length == 0 || name.Contains('\0'))
        {
            throw new StepException(ErrorCodes.InputCorrupt, $"{Path} names a file without a name");
        }

        var path = System.IO.Path.GetFullPath(name, RealDirectory);
        if (System.IO.Path.GetDirectoryName(path) != RealDirectory)
        {
            throw Elsewhere(name);
        }

        var file = Open(path, ErrorCodes.InputExtentMissing, $"{path} does not exist; {Path} names it as a part of the disk");
        if (file.IsBlockDevice || file.RealDirectory != RealDirectory)
        {
            file.Dispose();
            throw Elsewhere(name);
        }

        return file;
    }

    /// <summary>Reads exactly so many bytes.</summary>
    /// <param name="offset">Where, bytes.</param>
    /// <param name="count">How many.</param>
    /// <param name="what">What they are, for the message.</param>
    /// <exception cref="StepException">The file ends before (<see cref="ErrorCodes.InputTruncated"/>), or gives an I/O error.</exception>
    public byte[] Read(long offset, int count, string what)
    {
        RequireLength(offset, count, what);
        var buffer = new byte[count];
        return ReadSome(offset, buffer) == count
            ? buffer
            : throw new StepException(ErrorCodes.InputTruncated, $"{Path} became shorter while it was read");
    }

    /// <summary>Reads up to so many bytes from the start: what there is of them.</summary>
    /// <param name="count">How many.</param>
    public byte[] Head(int count)
    {
        var buffer = new byte[Math.Min(count, Length)];
        return buffer[..ReadSome(0, buffer)];
    }

    /// <summary>Fails where the file ends before a structure of it does.</summary>
    /// <param name="offset">Where the structure begins, bytes.</param>
    /// <param name="count">Its length, bytes.</param>
    /// <param name="what">What it is, for the message.</param>
    /// <exception cref="StepException">It does (<see cref="ErrorCodes.InputTruncated"/>), with both sizes; or the numbers make no sense (<see cref="ErrorCodes.InputCorrupt"/>).</exception>
    public void RequireLength(long offset, long count, string what)
    {
        if (offset < 0 || count < 0 || offset > long.MaxValue - count)
        {
            throw new StepException(ErrorCodes.InputCorrupt, $"{Path}: the place of {what} makes no sense ({offset}, {count} bytes)");
        }

        if (offset + count > Length)
        {
            throw new StepException(ErrorCodes.InputTruncated, $"{Path} is truncated: it has {Length} bytes, and {what} ends at {offset + count}");
        }
    }

    /// <summary>Whether another program holds a lock on one byte.</summary>
    /// <param name="position">Which byte.</param>
    public bool IsLocked(long position) => NativeMethods.IsLocked(_handle, position);

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    /// <summary>Fills a buffer as far as the file goes; nothing is allocated.</summary>
    /// <param name="offset">Where, bytes.</param>
    /// <param name="buffer">Filled from its start.</param>
    /// <returns>How many bytes there were.</returns>
    /// <exception cref="StepException">An I/O error (<see cref="ErrorCodes.Input"/>).</exception>
    public int ReadSome(long offset, Span<byte> buffer)
    {
        var done = 0;
        try
        {
            while (done < buffer.Length)
            {
                var count = RandomAccess.Read(_handle, buffer[done..], offset + done);
                if (count == 0)
                {
                    break;
                }

                done += count;
            }

            return done;
        }
        catch (IOException broken)
        {
            throw new StepException(ErrorCodes.Input, $"{Path} cannot be read at byte {offset + done}: {broken.Message}", "Check the storage that it is on.", broken);
        }
    }

    private StepException Elsewhere(string name)
        => new(
            ErrorCodes.InputUnsupported,
            $"{Path} names '{name}' as a part of the disk, which is not a plain file in its own directory ({RealDirectory}); such a file is not opened, because a source must not choose what is read on this host",
            "Put all files of the disk into one directory, with plain names in the descriptor.");
}
