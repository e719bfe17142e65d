using System.Buffers.Binary;
using System.Text;

namespace Hyper2Kvm.Nbd.Server;

/// <summary>Reads the data of an option: big-endian numbers and strings with their length in front (proto.md, "Option types"). Never beyond its end.</summary>
internal ref struct OptionReader(ReadOnlySpan<byte> data)
{
    private ReadOnlySpan<byte> _rest = data;

    /// <summary>Everything was read, and nothing more than there is.</summary>
    internal readonly bool IsAtEnd => !IsBroken && _rest.IsEmpty;

    /// <summary>Something was asked for that is not there: what was returned for it means nothing.</summary>
    internal bool IsBroken { get; private set; }

    internal ushort UInt16() => Take(sizeof(ushort)) is { IsEmpty: false } field ? BinaryPrimitives.ReadUInt16BigEndian(field) : (ushort)0;

    internal uint UInt32() => Take(sizeof(uint)) is { IsEmpty: false } field ? BinaryPrimitives.ReadUInt32BigEndian(field) : 0;

    internal string Text() => Encoding.UTF8.GetString(Take(UInt32()));

    private ReadOnlySpan<byte> Take(uint length)
    {
        if (IsBroken || length > _rest.Length)
        {
            IsBroken = true;
            return [];
        }

        var taken = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return taken;
    }
}
