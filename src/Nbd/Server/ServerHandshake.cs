using System.Buffers.Binary;

namespace Hyper2Kvm.Nbd.Server;

/// <summary>
/// The negotiation, from the server's side: proto.md, "Fixed newstyle negotiation". One export, the default one, whose name is empty.
/// </summary>
internal sealed class ServerHandshake(ClientSocket client, IServedDisk disk)
{
    private bool _noZeroes;

    /// <summary>The client agreed on structured replies: "NBD_OPT_STRUCTURED_REPLY".</summary>
    internal bool StructuredReplies { get; private set; }

    /// <summary>The client asked for base:allocation: "NBD_OPT_SET_META_CONTEXT".</summary>
    internal bool BaseAllocation { get; private set; }

    /// <summary>Negotiates.</summary>
    /// <returns>True where transmission begins; false where the client left, or broke the protocol so that it must be left.</returns>
    internal bool Run()
    {
        Span<byte> greeting = stackalloc byte[18];
        BinaryPrimitives.WriteUInt64BigEndian(greeting, Wire.NbdMagic);
        BinaryPrimitives.WriteUInt64BigEndian(greeting[8..], Wire.OptionMagic);
        BinaryPrimitives.WriteUInt16BigEndian(greeting[16..], Wire.FlagFixedNewstyle | Wire.FlagNoZeroes);
        Span<byte> word = stackalloc byte[4];
        if (!client.Send(greeting) || !client.Receive(word)) return false;
        var flags = BinaryPrimitives.ReadUInt32BigEndian(word);

        // "If a server receives a flag that it does not know, it MUST close": a client that is not fixed could not be answered.
        if ((flags & ~(uint)Wire.FlagNoZeroes) != Wire.FlagFixedNewstyle) return false;
        _noZeroes = (flags & Wire.FlagNoZeroes) != 0;
        for (var i = 0; i < ServerWire.MaxOptions; i++)
        {
            if (ReadOption() is not { } option) return false;
            switch (option.Type)
            {
                case Wire.OptExportName:
                    return ExportName(option.Data);
                case Wire.OptAbort:
                    _ = Reply(option.Type, Wire.RepAck);
                    return false;
                case Wire.OptGo or ServerWire.OptInfo:
                    if (!Go(option, out var accepted)) return false;
                    if (accepted && option.Type == Wire.OptGo) return true;
                    break;
                default:
                    if (!Answer(option)) return false;
                    break;
            }
        }

        return false;
    }

    private bool Answer((uint Type, byte[] Data) option)
    {
        switch (option.Type)
        {
            case Wire.OptList:
                // The export's name with its length in front: it is empty.
                return option.Data.Length != 0
                    ? Reply(option.Type, ServerWire.RepErrInvalid)
                    : Reply(option.Type, Wire.RepServer, [0, 0, 0, 0]) && Reply(option.Type, Wire.RepAck);
            case Wire.OptStructuredReply:
                if (option.Data.Length != 0) return Reply(option.Type, ServerWire.RepErrInvalid);
                StructuredReplies = true;
                return Reply(option.Type, Wire.RepAck);
            case Wire.OptSetMetaContext or ServerWire.OptListMetaContext:
                return MetaContext(option);
            default:
                return Reply(option.Type, Wire.RepErrUnsup);
        }
    }

    private (uint Type, byte[] Data)? ReadOption()
    {
        Span<byte> head = stackalloc byte[16];
        if (!client.Receive(head) || BinaryPrimitives.ReadUInt64BigEndian(head) != Wire.OptionMagic) return null;
        var length = BinaryPrimitives.ReadUInt32BigEndian(head[12..]);
        if (length > ServerWire.MaxOption) return null;
        var data = new byte[length];
        return client.Receive(data) ? (BinaryPrimitives.ReadUInt32BigEndian(head[8..]), data) : null;
    }

    /// <summary>"NBD_OPT_EXPORT_NAME": the old way, without a way to refuse but to close.</summary>
    private bool ExportName(byte[] name)
    {
        if (name.Length != 0) return false;
        Span<byte> answer = stackalloc byte[10 + ServerWire.ExportNamePadding];
        answer.Clear();
        WriteExport(answer);
        return client.Send(answer[..(_noZeroes ? 10 : answer.Length)]);
    }

    /// <summary>"NBD_OPT_INFO and NBD_OPT_GO".</summary>
    private bool Go((uint Type, byte[] Data) option, out bool accepted)
    {
        var data = new OptionReader(option.Data);
        var name = data.Text();
        for (var requests = data.UInt16(); requests > 0 && !data.IsBroken; requests--) _ = data.UInt16();
        accepted = data.IsAtEnd && name.Length == 0;
        if (!accepted) return Reply(option.Type, data.IsAtEnd ? ServerWire.RepErrUnknown : ServerWire.RepErrInvalid);

        Span<byte> export = stackalloc byte[12];
        BinaryPrimitives.WriteUInt16BigEndian(export, Wire.InfoExport);
        WriteExport(export[2..]);

        // Sent unasked too, which a server may: any length and place will do, whole blocks are cheaper.
        Span<byte> blocks = stackalloc byte[14];
        BinaryPrimitives.WriteUInt16BigEndian(blocks, Wire.InfoBlockSize);
        BinaryPrimitives.WriteUInt32BigEndian(blocks[2..], 1);
        BinaryPrimitives.WriteUInt32BigEndian(blocks[6..], disk.PreferredBlock);
        BinaryPrimitives.WriteUInt32BigEndian(blocks[10..], NbdConnection.MaxPayload);
        return Reply(option.Type, Wire.RepInfo, export) && Reply(option.Type, Wire.RepInfo, blocks) && Reply(option.Type, Wire.RepAck);
    }

    /// <summary>"NBD_OPT_LIST_META_CONTEXT", "NBD_OPT_SET_META_CONTEXT".</summary>
    private bool MetaContext((uint Type, byte[] Data) option)
    {
        var data = new OptionReader(option.Data);
        var name = data.Text();
        var queries = data.UInt32();
        var list = option.Type == ServerWire.OptListMetaContext;
        var selected = list && queries == 0; // "If zero queries are sent, the server MUST return all".
        for (; queries > 0 && !data.IsBroken; queries--)
        {
            var query = data.Text();
            selected |= query == NbdConnectionOptions.BaseAllocation || (list && query == "base:");
        }

        if (!data.IsAtEnd || !StructuredReplies) return Reply(option.Type, ServerWire.RepErrInvalid);
        if (name.Length != 0) return Reply(option.Type, ServerWire.RepErrUnknown);
        if (!list) BaseAllocation = selected;
        return (!selected || Reply(option.Type, Wire.RepMetaContext, [0, 0, 0, (byte)ServerWire.BaseAllocationId, .. "base:allocation"u8]))
            && Reply(option.Type, Wire.RepAck);
    }

    private void WriteExport(Span<byte> into)
    {
        BinaryPrimitives.WriteUInt64BigEndian(into, disk.Size);
        BinaryPrimitives.WriteUInt16BigEndian(into[8..], (ushort)(disk is IWritableServedDisk ? ServerWire.WritableFlags : ServerWire.Flags));
    }

    private bool Reply(uint option, uint type, ReadOnlySpan<byte> data = default)
    {
        Span<byte> head = stackalloc byte[20];
        BinaryPrimitives.WriteUInt64BigEndian(head, Wire.OptionReplyMagic);
        BinaryPrimitives.WriteUInt32BigEndian(head[8..], option);
        BinaryPrimitives.WriteUInt32BigEndian(head[12..], type);
        BinaryPrimitives.WriteUInt32BigEndian(head[16..], (uint)data.Length);
        return client.Send(head, data);
    }
}
