using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest.Volumes;

namespace Hyper2Kvm.Guest.Tests.Fixtures;

/// <summary>A small disk in memory that can be written, and can break.</summary>
internal sealed class ArrayStore(int length, bool readOnly = false) : IBlockStore
{
    public byte[] Content { get; } = new byte[length];

    public bool IsBroken { get; set; }

    public int Flushes { get; private set; }

    public bool IsReadOnly => readOnly;

    public long Length => Content.Length;

    public int ReadAt(Span<byte> buffer, long offset)
    {
        Check();
        var count = (int)Math.Clamp(Length - offset, 0, buffer.Length);
        Content.AsSpan((int)offset, count).CopyTo(buffer);
        return count;
    }

    public void WriteAt(ReadOnlySpan<byte> data, long offset)
    {
        Check();
        data.CopyTo(Content.AsSpan((int)offset));
    }

    public void Zero(long offset, long length) => Content.AsSpan((int)offset, (int)length).Clear();

    public void Trim(long offset, long length) => Zero(offset, length);

    public void Flush()
    {
        Check();
        Flushes++;
    }

    private void Check()
    {
        if (IsBroken)
        {
            throw new StepException(ErrorCodes.ConvertDisk, "broken");
        }
    }
}
