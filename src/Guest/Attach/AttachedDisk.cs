using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest.Native;
using Microsoft.Win32.SafeHandles;

namespace Hyper2Kvm.Guest.Attach;

/// <summary>One disk of the guest as an open file: the raw file itself, or the file that nbdfuse shows for an NBD server.</summary>
internal sealed partial class AttachedDisk : IDisposable
{
    private readonly NbdMount? _mount;

    private AttachedDisk(int index, GuestDiskSource source, SafeFileHandle file, NbdMount? mount)
    {
        Index = index;
        Source = source;
        File = file;
        _mount = mount;
        Length = NativeMethods.SeekToEnd(file);
    }

    /// <summary>Index of the guest's disk, from 0.</summary>
    public int Index { get; }

    /// <summary>Where it comes from.</summary>
    public GuestDiskSource Source { get; }

    /// <summary>Its path, inside the namespace.</summary>
    public string Path => _mount?.FilePath ?? Source.Path;

    /// <summary>The open file; what loop devices stand on.</summary>
    public SafeFileHandle File { get; }

    /// <inheritdoc/>
    public long Length { get; }

    /// <summary>Opens a disk. Runs inside the private mount namespace.</summary>
    /// <param name="index">Index of the guest's disk, from 0.</param>
    /// <param name="source">Where it comes from.</param>
    /// <param name="mount">The mount of its socket, ready; none for a raw file.</param>
    public static AttachedDisk Open(int index, GuestDiskSource source, NbdMount? mount)
    {
        var path = mount?.FilePath ?? source.Path;
        var file = NativeMethods.OpenFile(path, source.ReadOnly);
        if (file.IsInvalid)
        {
            throw new StepException(ErrorCodes.ConvertDisk, $"disk {index} ({source.Path}) cannot be opened: {SystemError.Text(SystemError.Last)}", disk: index);
        }

        var disk = new AttachedDisk(index, source, file, mount);
        if (disk.Length > 0)
        {
            return disk;
        }

        disk.File.Dispose();
        throw new StepException(ErrorCodes.ConvertDisk, $"disk {index} ({source.Path}) is empty: its size is 0 bytes", "Check the export that its server shows, or the file.", disk: index);
    }

    /// <inheritdoc/>
    public int ReadAt(Span<byte> buffer, long offset)
    {
        var total = 0;
        try
        {
            while (total < buffer.Length && offset + total < Length)
            {
                var count = RandomAccess.Read(File, buffer[total..], offset + total);
                if (count == 0)
                {
                    break;
                }

                total += count;
            }
        }
        catch (IOException failed)
        {
            throw new StepException(ErrorCodes.ConvertDisk, $"disk {Index} ({Source.Path}) cannot be read at byte {offset}: {failed.Message}", inner: failed, disk: Index);
        }

        return total;
    }

    /// <summary>Makes what was written durable at the server (an NBD flush).</summary>
    /// <exception cref="StepException">A write was lost (<see cref="ErrorCodes.ConvertDisk"/>).</exception>
    public void Flush()
    {
        if (!Source.ReadOnly && NativeMethods.Sync(File) != 0)
        {
            throw new StepException(ErrorCodes.ConvertDisk, $"disk {Index} ({Source.Path}): what was written is lost: {SystemError.Text(SystemError.Last)}", disk: Index);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        File.Dispose();
        _mount?.Dispose();
    }
}
