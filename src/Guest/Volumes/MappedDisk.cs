using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Nbd;
using Hyper2Kvm.Nbd.Server;

namespace Hyper2Kvm.Guest.Volumes;

/// <summary>A mapped volume as the NBD server serves it, for reading.</summary>
/// <param name="map">Where its bytes are.</param>
internal class MappedDisk(VolumeMap map) : IServedDisk
{
    /// <summary>A page: what a file system reads at least.</summary>
    private const uint PageBytes = 4096;

    /// <inheritdoc/>
    public ulong Size => (ulong)map.Length;

    /// <inheritdoc/>
    public uint PreferredBlock => PageBytes;

    /// <inheritdoc/>
    public void Read(ulong offset, Span<byte> into)
    {
        try
        {
            var count = map.ReadAt(into, (long)offset);
            into[count..].Clear();
        }
        catch (StepException failure)
        {
            throw Failed(failure);
        }
    }

    /// <inheritdoc/>
    public NbdExtent ExtentAt(ulong offset, ulong end) => new(offset, end - offset, 0);

    private protected static ServedDiskException Failed(StepException failure) => new(NbdErrno.InputOutput, failure.Message, failure);
}
