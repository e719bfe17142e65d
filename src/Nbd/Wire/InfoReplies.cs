using System.Buffers.Binary;
using System.Numerics;

namespace Hyper2Kvm.Nbd;

/// <summary>Reads what NBD_OPT_GO answered: proto.md, "NBD_REP_INFO".</summary>
internal sealed class InfoReplies(OptionChannel options)
{
    internal NbdExport Read(List<OptionReply> replies, string name)
    {
        if (replies[^1].IsError) throw new NbdServerException($"The server refused export '{name}': {replies[^1].ErrorText}", 0);
        NbdExport? export = null;
        var blockSize = NbdBlockSize.Default;
        string? canonical = null, description = null;
        foreach (var reply in replies.SkipLast(1))
        {
            if (reply.Type != Wire.RepInfo) throw options.Broken($"reply type {reply.Type} to NBD_OPT_GO");
            if (reply.Data.Length < 2) throw options.Broken("NBD_REP_INFO is too short");
            var data = reply.Data.AsSpan(2);
            switch (BinaryPrimitives.ReadUInt16BigEndian(reply.Data))
            {
                case Wire.InfoExport:
                    if (data.Length != 10) throw options.Broken($"NBD_INFO_EXPORT has {data.Length} bytes instead of 10");
                    export = new NbdExport
                    {
                        Size = CheckedSize(BinaryPrimitives.ReadUInt64BigEndian(data), options),
                        Flags = (NbdTransmissionFlags)BinaryPrimitives.ReadUInt16BigEndian(data[8..]),
                    };
                    break;
                case Wire.InfoBlockSize:
                    blockSize = BlockSize(data);
                    break;
                case Wire.InfoName:
                    canonical = Text.OfServer(data);
                    break;
                case Wire.InfoDescription:
                    description = Text.OfServer(data);
                    break;
                default:
                    break; // "The client MUST ignore information types it does not understand."
            }
        }

        if (export is null) throw options.Broken("NBD_OPT_GO was answered without NBD_INFO_EXPORT");
        return export with { BlockSize = blockSize, CanonicalName = canonical, Description = description };
    }

    /// <summary>Offsets are off_t everywhere below us: 2^63 and more cannot be a disk.</summary>
    internal static ulong CheckedSize(ulong size, OptionChannel options) =>
        size <= long.MaxValue ? size : throw options.Broken($"the export's size is {size} bytes");

    private NbdBlockSize BlockSize(ReadOnlySpan<byte> data)
    {
        if (data.Length != 12) throw options.Broken($"NBD_INFO_BLOCK_SIZE has {data.Length} bytes instead of 12");
        var minimum = BinaryPrimitives.ReadUInt32BigEndian(data);
        var preferred = BinaryPrimitives.ReadUInt32BigEndian(data[4..]);
        var maximum = BinaryPrimitives.ReadUInt32BigEndian(data[8..]);

        // "Block size constraints": powers of two, minimum at most 64 KiB, maximum a multiple of the minimum or all ones.
        if (!BitOperations.IsPow2(minimum) || minimum > NbdBlockSize.LargestMinimum || !BitOperations.IsPow2(preferred) || preferred < minimum
            || maximum < minimum || (maximum != uint.MaxValue && maximum % minimum != 0))
        {
            throw options.Broken($"block sizes {minimum}, {preferred}, {maximum} make no sense");
        }

        return new NbdBlockSize(minimum, preferred, maximum);
    }
}
