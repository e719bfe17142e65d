namespace Hyper2Kvm.Nbd;

/// <summary>One reply to an option: proto.md, "Fixed newstyle negotiation".</summary>
/// <param name="Type">NBD_REP_*.</param>
/// <param name="Data">What came with it.</param>
internal readonly record struct OptionReply(uint Type, byte[] Data)
{
    internal bool IsError => (Type & Wire.RepErrorBit) != 0;

    /// <summary>NBD_REP_ERR_* by name, with the server's own words.</summary>
    internal string ErrorText
    {
        get
        {
            var name = (Type & ~Wire.RepErrorBit) switch
            {
                1 => "NBD_REP_ERR_UNSUP",
                2 => "NBD_REP_ERR_POLICY",
                3 => "NBD_REP_ERR_INVALID",
                4 => "NBD_REP_ERR_PLATFORM",
                5 => "NBD_REP_ERR_TLS_REQD",
                6 => "NBD_REP_ERR_UNKNOWN",
                7 => "NBD_REP_ERR_SHUTDOWN",
                8 => "NBD_REP_ERR_BLOCK_SIZE_REQD",
                9 => "NBD_REP_ERR_TOO_BIG",
                _ => $"option error 0x{Type:x}",
            };
            return Data.Length == 0 ? name : $"{name}: {Text.OfServer(Data)}";
        }
    }
}
