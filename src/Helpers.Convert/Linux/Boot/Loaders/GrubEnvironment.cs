namespace Hyper2Kvm.Helpers.Convert.Linux.Boot.Loaders;

/// <summary>grub's environment block, <c>grubenv</c>: 1024 bytes, <c>NAME=VALUE</c> lines, filled with <c>#</c> (GRUB manual, "Environment block").</summary>
internal static class GrubEnvironment
{
    private const string Signature = "# GRUB Environment Block\n";
    private const int Length = 1024;

    /// <summary>A variable, or <see langword="null"/>.</summary>
    /// <param name="text">The block.</param>
    /// <param name="name">Its name.</param>
    public static string? Get(string text, string name)
        => text.Split('\n').Where(line => line.StartsWith(name + "=", StringComparison.Ordinal)).Select(line => line[(name.Length + 1)..]).LastOrDefault();

    /// <summary>The block with a variable set.</summary>
    /// <param name="text">The block; empty where the file is not there.</param>
    /// <param name="name">Its name.</param>
    /// <param name="value">Its value, one line.</param>
    public static string Set(string text, string name, string value)
    {
        if (Get(text, name) == value)
            return text;
        var lines = (text.Length == 0 ? Signature : text).TrimEnd('#').TrimEnd('\n').Split('\n').Where(line => !line.StartsWith(name + "=", StringComparison.Ordinal));
        return Fit(string.Join('\n', lines.Append($"{name}={value}")) + "\n#");
    }

    /// <summary>Fills or cuts the block's end to the length that grub wants where it writes: in place, since it never moves a block.</summary>
    /// <param name="text">A block whose lines were changed; one without a fill (Photon's, which grub only reads) stays as it is.</param>
    public static string Fit(string text)
    {
        if (!text.StartsWith(Signature, StringComparison.Ordinal) || !text.EndsWith('#'))
            return text;
        var lines = text.TrimEnd('#');
        var length = Math.Max(Length, (lines.Length + Length - 1) / Length * Length);
        return lines.PadRight(length, '#');
    }
}
