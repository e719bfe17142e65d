using System.Buffers.Binary;
using System.Text;

namespace Hyper2Kvm.Nbd;

/// <summary>The fixed newstyle handshake: proto.md, "Handshake phase". TLS is not spoken.</summary>
internal sealed class Handshake
{
    private const int MaxNameLength = 4096;
    private readonly Transport _transport;
    private readonly OptionChannel _options;
    private readonly bool _noZeroes;

    /// <summary>Reads the greeting and answers it.</summary>
    internal Handshake(Transport transport)
    {
        _transport = transport;
        _options = new OptionChannel(transport);
        Span<byte> greeting = stackalloc byte[16];
        transport.Receive(greeting, "the server's greeting");
        var magic = BinaryPrimitives.ReadUInt64BigEndian(greeting);
        if (magic != Wire.NbdMagic) throw _options.Broken($"the greeting is 0x{magic:x16}, this is no NBD server");
        var style = BinaryPrimitives.ReadUInt64BigEndian(greeting[8..]);
        if (style == Wire.OldstyleMagic) throw _options.Broken("the server speaks the oldstyle handshake only");
        if (style != Wire.OptionMagic) throw _options.Broken($"the second magic is 0x{style:x16}");

        Span<byte> flags = stackalloc byte[4];
        transport.Receive(flags[..2], "the handshake flags");
        var serverFlags = BinaryPrimitives.ReadUInt16BigEndian(flags);
        if ((serverFlags & Wire.FlagFixedNewstyle) == 0) throw _options.Broken("the server lacks NBD_FLAG_FIXED_NEWSTYLE");
        _noZeroes = (serverFlags & Wire.FlagNoZeroes) != 0;
        BinaryPrimitives.WriteUInt32BigEndian(flags, (uint)serverFlags & (Wire.FlagFixedNewstyle | Wire.FlagNoZeroes));
        transport.Send(flags);
    }

    /// <summary>Negotiates up to the transmission phase.</summary>
    internal NbdExport Go(string name, NbdConnectionOptions options)
    {
        var structured = options.StructuredReplies && AskStructuredReplies();
        var contexts = structured && options.MetaContexts.Count > 0
            ? SetMetaContexts(name, options.MetaContexts)
            : new Dictionary<string, uint>(StringComparer.Ordinal);

        // NBD_OPT_GO: name, then the list of information wanted (the block size).
        var nameBytes = NameBytes(name);
        var data = new byte[4 + nameBytes.Length + 2 + 2];
        BinaryPrimitives.WriteUInt32BigEndian(data, (uint)nameBytes.Length);
        nameBytes.CopyTo(data, 4);
        BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(4 + nameBytes.Length), 1);
        BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(6 + nameBytes.Length), Wire.InfoBlockSize);
        var replies = _options.Ask(Wire.OptGo, data);
        var export = replies[^1] is { Type: Wire.RepErrUnsup }
            ? ExportName(nameBytes)
            : new InfoReplies(_options).Read(replies, name);
        return export with { StructuredReplies = structured, MetaContexts = contexts };
    }

    /// <summary>NBD_OPT_LIST, then NBD_OPT_ABORT.</summary>
    internal IReadOnlyList<NbdExportName> List()
    {
        var replies = _options.Ask(Wire.OptList, []);
        ThrowIfRefused(replies[^1], "NBD_OPT_LIST");
        var names = new List<NbdExportName>(replies.Count);
        foreach (var reply in replies.SkipLast(1))
        {
            if (reply.Type != Wire.RepServer) throw _options.Broken($"reply type {reply.Type} to NBD_OPT_LIST");
            if (reply.Data.Length < 4) throw _options.Broken("NBD_REP_SERVER is too short");
            var length = BinaryPrimitives.ReadUInt32BigEndian(reply.Data);
            if (length > reply.Data.Length - 4) throw _options.Broken($"NBD_REP_SERVER names {length} bytes, {reply.Data.Length - 4} came");
            var rest = reply.Data.AsSpan(4);
            names.Add(new NbdExportName(Text.OfServer(rest[..(int)length]), Text.OfServer(rest[(int)length..])));
        }

        _options.Send(Wire.OptAbort, []);
        return names;
    }

    private bool AskStructuredReplies()
    {
        var replies = _options.Ask(Wire.OptStructuredReply, []);
        if (replies.Count > 1) throw _options.Broken("several replies to NBD_OPT_STRUCTURED_REPLY");
        return !replies[0].IsError;
    }

    private Dictionary<string, uint> SetMetaContexts(string export, IReadOnlyList<string> wanted)
    {
        var replies = _options.Ask(Wire.OptSetMetaContext, MetaContextRequest(export, wanted));
        var granted = new Dictionary<string, uint>(StringComparer.Ordinal);
        if (replies[^1].IsError) return granted;
        foreach (var reply in replies.SkipLast(1))
        {
            if (reply.Type != Wire.RepMetaContext) throw _options.Broken($"reply type {reply.Type} to NBD_OPT_SET_META_CONTEXT");
            if (reply.Data.Length < 5) throw _options.Broken("NBD_REP_META_CONTEXT is too short");
            var name = Text.OfServer(reply.Data.AsSpan(4));
            if (!wanted.Contains(name, StringComparer.Ordinal)) throw _options.Broken($"metadata context '{name}' was never asked for");
            var id = BinaryPrimitives.ReadUInt32BigEndian(reply.Data);
            if (granted.ContainsValue(id) || !granted.TryAdd(name, id)) throw _options.Broken($"metadata context '{name}' ({id}) came twice");
        }

        return granted;
    }

    private static byte[] MetaContextRequest(string export, IReadOnlyList<string> wanted)
    {
        using var data = new MemoryStream();
        void Number(int value)
        {
            Span<byte> number = stackalloc byte[4];
            BinaryPrimitives.WriteInt32BigEndian(number, value);
            data.Write(number);
        }

        void String(string value)
        {
            var bytes = NameBytes(value);
            Number(bytes.Length);
            data.Write(bytes);
        }

        String(export);
        Number(wanted.Count);
        foreach (var context in wanted) String(context);
        return data.ToArray();
    }

    /// <summary>NBD_OPT_EXPORT_NAME, for servers older than NBD_OPT_GO: no error reply, just the end of the connection.</summary>
    private NbdExport ExportName(byte[] name)
    {
        _options.Send(Wire.OptExportName, name);
        var reply = new byte[_noZeroes ? 10 : 10 + 124];
        _transport.Receive(reply, "the answer to NBD_OPT_EXPORT_NAME");
        return new NbdExport
        {
            Size = InfoReplies.CheckedSize(BinaryPrimitives.ReadUInt64BigEndian(reply), _options),
            Flags = (NbdTransmissionFlags)BinaryPrimitives.ReadUInt16BigEndian(reply.AsSpan(8)),
        };
    }

    private void ThrowIfRefused(OptionReply last, string option)
    {
        if (last.IsError) throw new NbdServerException($"{_transport.Endpoint}: the server refused {option}: {last.ErrorText}", 0);
    }

    private static byte[] NameBytes(string name)
    {
        var bytes = Encoding.UTF8.GetBytes(name);
        return bytes.Length <= MaxNameLength ? bytes : throw new ArgumentException($"A name of NBD has at most {MaxNameLength} bytes.", nameof(name));
    }
}
