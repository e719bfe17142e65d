namespace Hyper2Kvm.Helpers.Convert.Linux.Devices;

/// <summary>Rewrites a text line by line; what is not rewritten stays byte for byte, the missing line feed at the end too.</summary>
internal static class TextLines
{
    /// <summary>Rewrites every line.</summary>
    /// <param name="text">The text.</param>
    /// <param name="rewrite">What a line shall be; it is given without its line feed.</param>
    public static string Map(string text, Func<string, string> rewrite) => string.Join('\n', text.Split('\n').Select(rewrite));
}
