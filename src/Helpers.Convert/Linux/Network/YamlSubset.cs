namespace Hyper2Kvm.Helpers.Convert.Linux.Network;

/// <summary>
/// Reads the part of YAML that network configurations are written in: block mappings and sequences, flow collections, quotes
/// and comments (yaml.org/spec/1.2.2). Anchors, tags and block scalars are refused: a wrong guess would cost a network.
/// </summary>
internal static class YamlSubset
{
    /// <summary>Reads a file.</summary>
    /// <param name="text">The file.</param>
    /// <exception cref="FormatException">It uses something that this reader does not know.</exception>
    public static YamlNode Parse(string text)
    {
        var root = new YamlNode();
        var open = new Stack<(int Indent, YamlNode Node)>([(-1, root)]);
        foreach (var (line, indent) in LogicalLines(text))
        {
            var content = line;
            var column = indent;
            while (content.StartsWith("- ", StringComparison.Ordinal) || content == "-")
            {
                var inner = content.Length > 1 ? content[1..].TrimStart() : string.Empty;
                Unwind(open, column);
                var item = new YamlNode();
                open.Peek().Node.Children.Add(new($"- {open.Peek().Node.Children.Count}", item));
                open.Push((column, item));
                column += content.Length - inner.Length;
                content = inner;
            }

            if (content.Length > 0)
                Place(open, content, column);
        }

        return root;
    }

    private static void Place(Stack<(int Indent, YamlNode Node)> open, string content, int column)
    {
        var colon = KeyEnd(content);
        if (colon < 0)
        {
            open.Peek().Node.Scalar = Unquote(content);
            return;
        }

        Unwind(open, column);
        var node = Value(content[(colon + 1)..].Trim());
        open.Peek().Node.Children.Add(new(Unquote(content[..colon].Trim()), node));
        open.Push((column, node));
    }

    private static void Unwind(Stack<(int Indent, YamlNode Node)> open, int column)
    {
        while (open.Peek().Indent >= column)
            open.Pop();
    }

    private static YamlNode Value(string text)
    {
        if (text.Length > 0 && text[0] is '&' or '*' or '!' or '|' or '>')
            throw new FormatException($"'{text}' is beyond what is read here");
        if (text.Length == 0 || text[0] is not ('{' or '['))
            return new YamlNode(text.Length == 0 ? null : Unquote(text));
        var at = 0;
        var node = Flow(text, ref at);
        return at == text.Length ? node : throw new FormatException($"'{text}' is beyond what is read here");
    }

    /// <summary>A flow collection on one line: <c>{macaddress: "…"}</c>, <c>[a, b]</c>.</summary>
    private static YamlNode Flow(string text, ref int at)
    {
        var node = new YamlNode();
        var close = text[at++] == '{' ? '}' : ']';
        while (true)
        {
            SkipSpace(text, ref at);
            if (at < text.Length && text[at] == close)
            {
                at++;
                return node;
            }

            var word = FlowItem(text, ref at);
            SkipSpace(text, ref at);
            if (at < text.Length && text[at] == ':')
            {
                at++;
                SkipSpace(text, ref at);
                node.Children.Add(new(word.Scalar ?? string.Empty, FlowItem(text, ref at)));
            }
            else
            {
                node.Children.Add(new($"- {node.Children.Count}", word));
            }

            SkipSpace(text, ref at);
            if (at < text.Length && text[at] == ',')
                at++;
            else if (at >= text.Length || text[at] != close)
                throw new FormatException($"'{text}' does not end on its line");
        }
    }

    private static YamlNode FlowItem(string text, ref int at)
    {
        if (at < text.Length && text[at] is '{' or '[')
            return Flow(text, ref at);
        var start = at;
        if (at < text.Length && text[at] is '"' or '\'')
        {
            var end = text.IndexOf(text[at], at + 1);
            at = end < 0 ? throw new FormatException($"'{text}' has an open quote") : end + 1;
        }
        else
        {
            while (at < text.Length && text[at] is not (',' or '}' or ']' or '{' or '[') && !(text[at] == ':' && (at + 1 == text.Length || text[at + 1] == ' ')))
                at++;
        }

        return new YamlNode(Unquote(text[start..at].Trim()));
    }

    private static void SkipSpace(string text, ref int at)
    {
        while (at < text.Length && text[at] == ' ')
            at++;
    }

    /// <summary>The colon behind a key: outside quotes, with a space or the end behind it.</summary>
    private static int KeyEnd(string text)
    {
        if (text[0] is '{' or '[')
            return -1;
        var from = text[0] is '"' or '\'' ? text.IndexOf(text[0], 1) + 1 : 0;
        for (var i = from; i < text.Length; i++)
        {
            if (text[i] == ':' && (i + 1 == text.Length || text[i + 1] == ' '))
                return i;
        }

        return -1;
    }

    private static string Unquote(string text)
        => text.Length > 1 && text[0] is '"' or '\'' && text[^1] == text[0] ? text[1..^1] : text;

    private static IEnumerable<(string Line, int Indent)> LogicalLines(string text)
    {
        foreach (var raw in text.Split('\n').Select(line => line.TrimEnd('\r')))
        {
            var line = WithoutComment(raw).TrimEnd();
            if (line.Trim().Length == 0 || line.StartsWith("---", StringComparison.Ordinal))
                continue;
            var indent = line.Length - line.TrimStart(' ').Length;
            yield return line[indent] == '\t' ? throw new FormatException("it is indented with tabs") : (line[indent..], indent);
        }
    }

    private static string WithoutComment(string line)
    {
        var quote = '\0';
        for (var i = 0; i < line.Length; i++)
        {
            if (quote != '\0')
                quote = line[i] == quote ? '\0' : quote;
            else if (line[i] is '"' or '\'')
                quote = line[i];
            else if (line[i] == '#' && (i == 0 || line[i - 1] == ' '))
                return line[..i];
        }

        return line;
    }
}
