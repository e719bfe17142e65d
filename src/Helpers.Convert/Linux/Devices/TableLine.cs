namespace Hyper2Kvm.Helpers.Convert.Linux.Devices;

/// <summary>One line of a table of fields (fstab(5), crypttab(5)); fields change, everything between them stays as it is.</summary>
internal sealed class TableLine
{
    private readonly string _text;
    private readonly List<Range> _fields = [];

    /// <summary>Splits a line.</summary>
    /// <param name="text">The line, without its line feed.</param>
    public TableLine(string text)
    {
        _text = text;
        var at = 0;
        while (true)
        {
            while (at < text.Length && char.IsWhiteSpace(text[at]))
                at++;
            if (at == text.Length || text[at] == '#')
                return;
            var start = at;
            while (at < text.Length && !char.IsWhiteSpace(text[at]))
                at++;
            _fields.Add(start..at);
        }
    }

    /// <summary>Number of fields; 0 for an empty line or a comment.</summary>
    public int Count => _fields.Count;

    /// <summary>A field as the line has it, or empty.</summary>
    /// <param name="index">From 0.</param>
    public string this[int index] => index < _fields.Count ? _text[_fields[index]] : string.Empty;

    /// <summary>The line with one field replaced, or appended after the last.</summary>
    /// <param name="index">From 0, at most <see cref="Count"/>.</param>
    /// <param name="value">The new field.</param>
    public string With(int index, string value)
    {
        if (index < _fields.Count)
            return string.Concat(_text.AsSpan(0, _fields[index].Start.Value), value, _text.AsSpan(_fields[index].End.Value));
        var end = _fields[^1].End.Value;
        return string.Concat(_text.AsSpan(0, end), "\t", value, _text.AsSpan(end));
    }

    /// <summary>A field with its octal escapes resolved, <c>\040</c> for a space (getmntent(3)).</summary>
    /// <param name="field">The field.</param>
    public static string Unescape(string field)
    {
        if (!field.Contains('\\'))
            return field;
        var result = new System.Text.StringBuilder(field.Length);
        for (var i = 0; i < field.Length; i++)
        {
            if (field[i] == '\\' && i + 3 < field.Length && field.AsSpan(i + 1, 3).IndexOfAnyExceptInRange('0', '7') < 0)
            {
                result.Append((char)System.Convert.ToInt32(field.Substring(i + 1, 3), 8));
                i += 3;
            }
            else
            {
                result.Append(field[i]);
            }
        }

        return result.ToString();
    }
}
