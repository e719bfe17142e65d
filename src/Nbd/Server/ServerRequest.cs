using System.Buffers.Binary;

namespace Hyper2Kvm.Nbd.Server;

/// <summary>A request as it came: proto.md, "Request message". Nothing of it has been checked.</summary>
/// <param name="Command">What.</param>
/// <param name="Flags">Command flags.</param>
/// <param name="Cookie">What the answer has to bear.</param>
/// <param name="Offset">Where, in bytes.</param>
/// <param name="Length">How much, in bytes.</param>
internal readonly record struct ServerRequest(NbdCommand Command, NbdCommandFlags Flags, ulong Cookie, ulong Offset, uint Length)
{
    /// <summary>Reads one from its 28 bytes; null where the magic is wrong.</summary>
    internal static ServerRequest? Parse(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadUInt32BigEndian(bytes) != Wire.RequestMagic
        ? null
        : new ServerRequest(
            (NbdCommand)BinaryPrimitives.ReadUInt16BigEndian(bytes[6..]),
            (NbdCommandFlags)BinaryPrimitives.ReadUInt16BigEndian(bytes[4..]),
            BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]),
            BinaryPrimitives.ReadUInt64BigEndian(bytes[16..]),
            BinaryPrimitives.ReadUInt32BigEndian(bytes[24..]));

    /// <summary>Lies within a disk, and asks for something.</summary>
    internal bool IsWithin(ulong size) => Length > 0 && Offset <= size && Length <= size - Offset;
}
