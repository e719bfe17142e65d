using System.Text;

namespace Hyper2Kvm.Nbd;

/// <summary>Strings of a server: UTF-8 by proto.md, never trusted.</summary>
internal static class Text
{
    /// <summary>Decodes, with control characters replaced: these strings end in logs and on terminals.</summary>
    internal static string OfServer(ReadOnlySpan<byte> bytes)
    {
        var text = Encoding.UTF8.GetString(bytes);
        return string.Create(text.Length, text, static (to, from) =>
        {
            for (var i = 0; i < from.Length; i++) to[i] = char.IsControl(from[i]) ? '?' : from[i];
        });
    }
}
