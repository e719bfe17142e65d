using System.Text.RegularExpressions;

namespace Hyper2Kvm.Helpers.Convert.Linux.Boot.Loaders;

/// <summary>One <c>menuentry</c> of a grub.cfg.</summary>
/// <param name="Id">Its id, or its title where it has none, behind those of its submenus with <c>&gt;</c> between (GRUB manual, "default").</param>
/// <param name="Index">Its place, <c>1&gt;2</c> for the third of the second submenu.</param>
/// <param name="Title">Its title, behind those of its submenus.</param>
/// <param name="Linux">The kernel as it stands there, variables and all.</param>
/// <param name="Initrds">What is loaded with it.</param>
internal sealed record GrubMenuEntry(string Id, string Index, string Title, string? Linux, IReadOnlyList<string> Initrds)
{
    /// <summary>Arguments of the kernel as they stand there.</summary>
    public string Arguments { get; init; } = string.Empty;
}

/// <summary>Reads what grub.cfg offers: not its language as a whole, but the shape that all tools give it.</summary>
internal sealed partial class GrubMenu
{
    private readonly List<GrubMenuEntry> _entries = [];
    private readonly Dictionary<string, string> _variables = new(StringComparer.Ordinal);
    private readonly List<Block> _open = [];
    private readonly List<int> _counts = [0];

    private GrubMenu()
    {
    }

    /// <summary>Its entries, in order, those of submenus in their places.</summary>
    public IReadOnlyList<GrubMenuEntry> Entries => _entries;

    /// <summary>Variables that are set to plain values; the last value counts.</summary>
    public IReadOnlyDictionary<string, string> Variables => _variables;

    /// <summary>What <c>default</c> is set to, as it stands there: <c>0</c>, an id, <c>${saved_entry}</c>. That for one boot only is passed over.</summary>
    public string? Default { get; private set; }

    /// <summary>Whether it takes entries from <c>/boot/loader/entries</c> (Fedora's <c>blscfg</c>).</summary>
    public bool HasBls { get; private set; }

    /// <summary>Whether it only sends grub on to another file (the one on the EFI system partition does).</summary>
    public bool IsStub { get; private set; }

    /// <summary>Whether all that is opened in it is closed.</summary>
    public bool IsWhole => _open.Count == 0;

    /// <summary>Files whose variables it loads beside its environment block, as they stand there.</summary>
    public IReadOnlyList<string> LoadedFiles { get; private set; } = [];

    /// <summary>Reads a menu.</summary>
    /// <param name="text">Its text.</param>
    public static GrubMenu Parse(string text)
    {
        var menu = new GrubMenu();
        foreach (var line in text.Split('\n'))
            menu.Read(line.Trim());
        menu.IsStub = menu._entries.Count == 0 && !menu.HasBls && Configfile().IsMatch(text);
        menu.LoadedFiles = [.. LoadEnvironment().Matches(text).Select(match => match.Groups["file"].Value)];
        return menu;
    }

    /// <summary>Whether a line holds kernel arguments.</summary>
    /// <param name="line">A line of the menu.</param>
    public static bool HoldsArguments(string line) => Arguments().IsMatch(line);

    /// <summary>A menu's text with another default; where it takes the default from its environment block it stays.</summary>
    /// <param name="text">Its text.</param>
    /// <param name="id">Id of the entry.</param>
    public static string WithDefault(string text, string id)
        => SetDefault().Replace(text, match => match.Groups["value"].Value.Contains("_entry}", StringComparison.Ordinal) ? match.Value : $"{match.Groups["head"].Value}\"{id}\"");

    private void Read(string line)
    {
        if (line.StartsWith('#'))
            return;
        if (Opening().Match(line) is { Success: true } opening)
        {
            Open(opening.Groups["kind"].Value, opening.Groups["rest"].Value);
        }
        else if (line.StartsWith('}') && _open.Count > 0)
        {
            Close();
        }
        else if (line.EndsWith('{'))
        {
            _open.Add(new Block("other", string.Empty, string.Empty));
        }
        else
        {
            ReadCommand(line);
        }
    }

    private void ReadCommand(string line)
    {
        var words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0)
            return;
        if (SetDefault().Match(line) is { Success: true } chosen)
        {
            var value = chosen.Groups["value"].Value.Trim('"', '\'');
            if (!value.Contains("next_entry", StringComparison.Ordinal))
                Default = value;
        }
        else if (PlainSet().Match(line) is { Success: true } set)
        {
            _variables[set.Groups["name"].Value] = set.Groups["value"].Value;
        }

        HasBls |= words[0] == "blscfg";
        if (_open.Count > 0 && _open[^1] is { Kind: "menuentry" } entry && words.Length > 1)
        {
            if (words[0] is "linux" or "linux16" or "linuxefi")
                (entry.Linux, entry.Arguments) = entry.Linux is null ? (words[1], string.Join(' ', words.Skip(2))) : (entry.Linux, entry.Arguments);
            else if (words[0] is "initrd" or "initrd16" or "initrdefi")
                entry.Initrds.AddRange(words.Skip(1));
        }
    }

    private void Open(string kind, string rest)
    {
        var title = Quoted().Match(rest) is { Success: true } quoted ? quoted.Groups["text"].Value : rest.Split((char[]?)null, 2)[0];
        var id = Identifier().Match(rest) is { Success: true } named ? named.Groups["id"].Value : title;
        _open.Add(new Block(kind, id, title));
        if (kind == "submenu")
            _counts.Add(0);
    }

    private void Close()
    {
        var block = _open[^1];
        if (block.Kind == "menuentry")
        {
            var parents = _open.Where(open => open.Kind is "submenu" or "menuentry").ToList();
            _entries.Add(new GrubMenuEntry(string.Join('>', parents.Select(open => open.Id)), string.Join('>', _counts), string.Join('>', parents.Select(open => open.Title)), block.Linux, block.Initrds) { Arguments = block.Arguments });
        }

        _open.RemoveAt(_open.Count - 1);
        if (block.Kind == "submenu")
            _counts.RemoveAt(_counts.Count - 1);
        if (block.Kind is "menuentry" or "submenu")
            _counts[^1]++;
    }

    [GeneratedRegex(@"^(?<kind>menuentry|submenu)\s+(?<rest>.*)\{\s*$")]
    private static partial Regex Opening();

    [GeneratedRegex("""^(?:'(?<text>[^']*)'|"(?<text>[^"]*)")""")]
    private static partial Regex Quoted();

    [GeneratedRegex("""(?:--id[\s=]|\$\{?menuentry_id_option\}?\s)\s*['"]?(?<id>[^'"\s]+)""")]
    private static partial Regex Identifier();

    [GeneratedRegex("""^(?<head>[ \t]*set[ \t]+default=)(?<value>"[^"\n]*"|'[^'\n]*'|[^\s;]+)""", RegexOptions.Multiline)]
    private static partial Regex SetDefault();

    [GeneratedRegex("""^(?:set[ \t]+)?(?<name>[A-Za-z_][A-Za-z0-9_]*)=["']?(?<value>[^"'$]*)["']?$""")]
    private static partial Regex PlainSet();

    [GeneratedRegex(@"^\s*configfile\s", RegexOptions.Multiline)]
    private static partial Regex Configfile();

    [GeneratedRegex("""^\s*load_env\s+(?:-f|--file)[\s=]*["']?(?<file>[^"'\s]+)""", RegexOptions.Multiline)]
    private static partial Regex LoadEnvironment();

    /// <summary>Lines that start a kernel, and those that keep their arguments in a variable (Fedora).</summary>
    [GeneratedRegex(@"^\s*(?:linux(?:16|efi)?|multiboot2?|module2?)\s|^\s*set\s+(?:kernelopts|default_kernelopts)=")]
    private static partial Regex Arguments();

    private sealed record Block(string Kind, string Id, string Title)
    {
        public string? Linux { get; set; }

        public string Arguments { get; set; } = string.Empty;

        public List<string> Initrds { get; } = [];
    }
}
