using Hyper2Kvm.Nbd.Server;

namespace Hyper2Kvm.Nbd.Tests.Server;

/// <summary>A disk of an odd size whose every byte tells its place, with a hole and a range that cannot be read.</summary>
internal sealed class PatternDisk : IServedDisk
{
    internal const ulong Hole = 1 << 20;
    internal const ulong HoleEnd = 2 << 20;
    internal const ulong Bad = 3 << 20;
    internal const ulong BadEnd = Bad + 512;
    internal const int Length = (8 << 20) + 13;

    public ulong Size => Length;

    public uint PreferredBlock => 64 << 10;

    /// <summary>The whole disk, the bad range included.</summary>
    internal static byte[] Content { get; } = [.. Enumerable.Range(0, Length).Select(i => (ulong)i is >= Hole and < HoleEnd ? (byte)0 : (byte)((i * 2654435761L) >> 7))];

    /// <summary>Called before every read.</summary>
    internal Action? OnRead { get; init; }

    public void Read(ulong offset, Span<byte> into)
    {
        OnRead?.Invoke();
        if (offset < BadEnd && offset + (ulong)into.Length > Bad) throw new ServedDiskException(NbdErrno.InputOutput, "sector 6144 is bad");
        Content.AsSpan((int)offset, into.Length).CopyTo(into);
    }

    public NbdExtent ExtentAt(ulong offset, ulong end) => offset switch
    {
        < Hole => new NbdExtent(offset, Hole - offset, 0),
        < HoleEnd => new NbdExtent(offset, Math.Min(HoleEnd - offset, 4096), 3),
        _ => new NbdExtent(offset, Size - offset, 0),
    };
}
