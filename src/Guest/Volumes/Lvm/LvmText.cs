using System.Globalization;
using System.Text;

namespace Hyper2Kvm.Guest.Volumes.Lvm;

/// <summary>Reads LVM2's configuration text (lvm.conf(5), "SYNTAX"): <c>name = value</c>, <c>name { … }</c>, <c>[ … ]</c>, comments from <c>#</c>.</summary>
/// <remarks>Bounded in depth and in the number of things, since a guest can write what it likes: the memory it takes is some ten megabytes at most.</remarks>
internal ref struct LvmText
{
    /// <summary>Most sections in one another; a group's description has 4.</summary>
    private const int Deepest = 8;

    /// <summary>Most values, entries of lists and sections in all: a group of 8000 volumes.</summary>
    private const int MostThings = 200_000;

    private readonly ReadOnlySpan<byte> _text;
    private int _at;
    private int _things;

    private LvmText(ReadOnlySpan<byte> text) => _text = text;

    /// <summary>Reads a text.</summary>
    /// <param name="text">The text, UTF-8.</param>
    /// <exception cref="FormatException">It is no such text, or too large.</exception>
    public static LvmSection Parse(ReadOnlySpan<byte> text)
    {
        var parser = new LvmText(text);
        return parser.ReadSection(0);
    }

    private LvmSection ReadSection(int depth)
    {
        var section = new LvmSection();
        while (true)
        {
            SkipBlanks();
            if (_at == _text.Length || _text[_at] == 0)
            {
                return depth == 0 ? section : throw Error("ends within a section");
            }

            if (_text[_at] == '}')
            {
                _at++;
                return depth > 0 ? section : throw Error("a section ends that did not begin");
            }

            Count();
            var name = ReadName();
            SkipBlanks();
            switch (Take())
            {
                case (byte)'{':
                    section.Set(name, depth < Deepest ? ReadSection(depth + 1) : throw Error("sections in one another too deep"));
                    break;
                case (byte)'=':
                    section.Set(name, ReadValue());
                    break;
                default:
                    throw Error($"neither a value nor a section follows {name}");
            }
        }
    }

    private object ReadValue()
    {
        SkipBlanks();
        if (Peek() != '[')
        {
            return ReadScalar();
        }

        _at++;
        var list = new List<object>();
        while (true)
        {
            SkipBlanks();
            if (Peek() == ']')
            {
                _at++;
                return list;
            }

            Count();
            list.Add(ReadScalar());
            SkipBlanks();
            if (Peek() == ',')
            {
                _at++;
            }
            else if (Peek() != ']')
            {
                throw Error("a list is not ended");
            }
        }
    }

    private object ReadScalar()
    {
        if (Peek() == '"')
        {
            return ReadQuoted();
        }

        var start = _at;
        while (_at < _text.Length && (char.IsAsciiLetterOrDigit((char)_text[_at]) || _text[_at] is (byte)'-' or (byte)'+' or (byte)'.'))
        {
            _at++;
        }

        var word = _text[start.._at];
        return word.Length > 0 && long.TryParse(word, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number
            : word.Length > 0 ? Encoding.ASCII.GetString(word)
            : throw Error("a value is missing");
    }

    /// <summary>A backslash takes the next character as it is.</summary>
    private string ReadQuoted()
    {
        var start = ++_at;
        var escaped = false;
        for (; Peek() != '"'; _at++)
        {
            if (_text[_at] == '\\')
            {
                escaped = true;
                _at++;
                _ = Peek();
            }
        }

        var bytes = _text[start.._at++];
        if (!escaped)
        {
            return Encoding.UTF8.GetString(bytes);
        }

        var plain = new byte[bytes.Length];
        var length = 0;
        for (var index = 0; index < bytes.Length; index++)
        {
            plain[length++] = bytes[index] == '\\' ? bytes[++index] : bytes[index];
        }

        return Encoding.UTF8.GetString(plain, 0, length);
    }

    private string ReadName()
    {
        if (_text[_at] == '"')
        {
            return ReadQuoted();
        }

        var start = _at;
        while (_at < _text.Length && (char.IsAsciiLetterOrDigit((char)_text[_at]) || _text[_at] is (byte)'-' or (byte)'+' or (byte)'.' or (byte)'_' or (byte)'/'))
        {
            _at++;
        }

        return _at > start ? Encoding.ASCII.GetString(_text[start.._at]) : throw Error("a name is missing");
    }

    private void SkipBlanks()
    {
        while (_at < _text.Length && _text[_at] is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r' or (byte)'#')
        {
            if (_text[_at] == '#')
            {
                var end = _text[_at..].IndexOf((byte)'\n');
                _at = end < 0 ? _text.Length : _at + end;
            }
            else
            {
                _at++;
            }
        }
    }

    private void Count()
    {
        if (++_things > MostThings)
        {
            throw Error($"has more than {MostThings} values");
        }
    }

    private readonly byte Peek() => _at < _text.Length ? _text[_at] : throw Error("ends too early");

    private byte Take()
    {
        var next = Peek();
        _at++;
        return next;
    }

    private readonly FormatException Error(string what) => new($"LVM2 metadata: {what} (byte {_at})");
}
