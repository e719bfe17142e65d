using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest.Native;
using Hyper2Kvm.Guest.Volumes;

namespace Hyper2Kvm.Guest.Attach;

/// <summary>What mapped volumes write through. The kernel keeps this and the loop devices on the same file at one content.</summary>
internal sealed partial class AttachedDisk : IBlockStore
{
    private const int ZeroPieceBytes = 1024 * 1024;

    private static readonly byte[] Zeroes = new byte[ZeroPieceBytes];

    /// <inheritdoc/>
    public bool IsReadOnly => Source.ReadOnly;

    /// <inheritdoc/>
    public void WriteAt(ReadOnlySpan<byte> data, long offset)
    {
        try
        {
            RandomAccess.Write(File, data, offset);
        }
        catch (IOException failed)
        {
            throw new StepException(ErrorCodes.ConvertDisk, $"disk {Index} ({Source.Path}) cannot be written at byte {offset}: {failed.Message}", inner: failed, disk: Index);
        }
    }

    /// <inheritdoc/>
    public void Zero(long offset, long length)
    {
        if (NativeMethods.Allocate(File, NativeMethods.AllocateZeroes | NativeMethods.AllocateKeepSize, offset, length) == 0)
        {
            return;
        }

        // No such call on this file system or server.
        for (var end = offset + length; offset < end; offset += ZeroPieceBytes)
        {
            WriteAt(Zeroes.AsSpan(0, (int)Math.Min(ZeroPieceBytes, end - offset)), offset);
        }
    }

    /// <inheritdoc/>
    public void Trim(long offset, long length) => _ = NativeMethods.Allocate(File, NativeMethods.AllocateHole | NativeMethods.AllocateKeepSize, offset, length);
}
