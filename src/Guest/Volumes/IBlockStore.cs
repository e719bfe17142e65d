using Hyper2Kvm.Guest.Attach;

namespace Hyper2Kvm.Guest.Volumes;

/// <summary>Bytes that can be read and, unless <see cref="IsReadOnly"/>, written: an attached disk, or what stands in the place of one (an opened LUKS container).</summary>
/// <remarks>All members may be called by many threads at once. Ranges lie within <see cref="IDiskReader.Length"/>.</remarks>
internal interface IBlockStore : IDiskReader
{
    /// <summary>Whether it can only be read.</summary>
    bool IsReadOnly { get; }

    /// <summary>Writes; durable after <see cref="Flush"/>.</summary>
    /// <param name="data">What.</param>
    /// <param name="offset">Where, bytes.</param>
    /// <exception cref="Core.Errors.StepException">Not all of it could be written (<see cref="Core.Errors.ErrorCodes.ConvertDisk"/>).</exception>
    void WriteAt(ReadOnlySpan<byte> data, long offset);

    /// <summary>Makes a range read as zeroes.</summary>
    /// <param name="offset">Where, bytes.</param>
    /// <param name="length">How much, bytes.</param>
    /// <exception cref="Core.Errors.StepException">Not all of it could be written (<see cref="Core.Errors.ErrorCodes.ConvertDisk"/>).</exception>
    void Zero(long offset, long length);

    /// <summary>Gives a range back; what it reads as afterwards is not said. Does nothing where it cannot.</summary>
    /// <param name="offset">Where, bytes.</param>
    /// <param name="length">How much, bytes.</param>
    void Trim(long offset, long length);

    /// <summary>Makes what was written durable.</summary>
    /// <exception cref="Core.Errors.StepException">A write was lost (<see cref="Core.Errors.ErrorCodes.ConvertDisk"/>).</exception>
    void Flush();
}
