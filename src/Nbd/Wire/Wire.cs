namespace Hyper2Kvm.Nbd;

/// <summary>Numbers of the protocol, named and grouped as proto.md does ("Values").</summary>
internal static class Wire
{
    // "Newstyle negotiation", "Fixed newstyle negotiation"
    internal const ulong NbdMagic = 0x4e42444d41474943;
    internal const ulong OldstyleMagic = 0x0000420281861253;
    internal const ulong OptionMagic = 0x49484156454F5054;
    internal const ulong OptionReplyMagic = 0x0003e889045565a9;
    internal const ushort FlagFixedNewstyle = 1;
    internal const ushort FlagNoZeroes = 2;

    // "Option types"
    internal const uint OptExportName = 1;
    internal const uint OptAbort = 2;
    internal const uint OptList = 3;
    internal const uint OptGo = 7;
    internal const uint OptStructuredReply = 8;
    internal const uint OptSetMetaContext = 10;

    // "Option reply types"
    internal const uint RepAck = 1;
    internal const uint RepServer = 2;
    internal const uint RepInfo = 3;
    internal const uint RepMetaContext = 4;
    internal const uint RepErrorBit = 1u << 31;
    internal const uint RepErrUnsup = RepErrorBit | 1;

    // NBD_INFO_* of NBD_OPT_GO
    internal const ushort InfoExport = 0;
    internal const ushort InfoName = 1;
    internal const ushort InfoDescription = 2;
    internal const ushort InfoBlockSize = 3;

    // "Transmission": requests and replies
    internal const uint RequestMagic = 0x25609513;
    internal const uint SimpleReplyMagic = 0x67446698;
    internal const uint StructuredReplyMagic = 0x668e33ef;
    internal const int RequestLength = 28;
    internal const int SimpleReplyLength = 16;
    internal const int StructuredReplyLength = 20;

    // "Structured reply flags", "Structured reply types"
    internal const ushort ReplyFlagDone = 1;
    internal const ushort ReplyNone = 0;
    internal const ushort ReplyOffsetData = 1;
    internal const ushort ReplyOffsetHole = 2;
    internal const ushort ReplyBlockStatus = 5;
    internal const ushort ReplyErrorBit = 1 << 15;
    internal const ushort ReplyError = ReplyErrorBit | 1;
    internal const ushort ReplyErrorOffset = ReplyErrorBit | 2;

    // Bounds of ours on what a server may send, so that a hostile one cannot make us allocate or loop.

    /// <summary>Bytes of one option reply; strings are at most 4096 bytes by proto.md, "Protocol phases".</summary>
    internal const uint MaxOptionReply = 64 * 1024;

    /// <summary>Replies to one option; NBD_OPT_LIST of a server with a thousand exports still fits.</summary>
    internal const int MaxOptionReplies = 16 * 1024;

    /// <summary>Bytes of all replies to one option together.</summary>
    internal const int MaxOptionBytes = 8 * 1024 * 1024;

    /// <summary>Bytes of one NBD_REPLY_TYPE_BLOCK_STATUS chunk: a million extents, which is nbdkit's own limit.</summary>
    internal const uint MaxBlockStatus = 4 + (8 * 1024 * 1024);

    /// <summary>Bytes of an error chunk: 6, a string of at most 4096, 8 of offset.</summary>
    internal const uint MaxErrorChunk = 6 + 4096 + 8;

    /// <summary>Error chunks for one request, before the server is taken to be broken.</summary>
    internal const int MaxErrorChunks = 64;
}
