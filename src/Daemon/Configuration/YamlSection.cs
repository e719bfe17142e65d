using System.Globalization;
using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using YamlDotNet.RepresentationModel;

namespace Hyper2Kvm.Daemon.Configuration;

/// <summary>A mapping of <c>daemon.yaml</c>: gives values by key, and knows which keys nobody asked for.</summary>
/// <remarks>Every complaint names the file, the line and the key.</remarks>
internal sealed class YamlSection(string file, YamlMappingNode node, string prefix = "")
{
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    /// <summary>Text, or <see langword="null"/> where the key is missing.</summary>
    /// <param name="key">The key.</param>
    public string? Text(string key) => Find(key) switch
    {
        null => null,
        YamlScalarNode { Value: { } value } => value,
        var other => throw Wrong(other, key, "is not a text"),
    };

    /// <summary>Text that must be there.</summary>
    /// <param name="key">The key.</param>
    public string Required(string key)
        => Text(key) is { Length: > 0 } value ? value : throw Wrong(node, key, "is missing");

    /// <summary>One of some words.</summary>
    /// <param name="key">The key.</param>
    /// <param name="otherwise">Where it is missing.</param>
    /// <param name="words">The words.</param>
    public string OneOf(string key, string otherwise, params string[] words)
    {
        var value = Text(key) ?? otherwise;
        return words.Contains(value) ? value : throw Wrong(Find(key)!, key, $"is '{value}'; it can be {string.Join(", ", words)}");
    }

    /// <summary>Yes or no (<c>true</c>, <c>false</c>).</summary>
    /// <param name="key">The key.</param>
    /// <param name="otherwise">Where it is missing.</param>
    public bool Flag(string key, bool otherwise) => Text(key) switch
    {
        null => otherwise,
        "true" or "True" or "yes" or "on" => true,
        "false" or "False" or "no" or "off" => false,
        var value => throw Wrong(Find(key)!, key, $"is '{value}'; it can be true or false"),
    };

    /// <summary>A whole number.</summary>
    /// <param name="key">The key.</param>
    /// <param name="otherwise">Where it is missing.</param>
    /// <param name="least">Smallest that is taken.</param>
    /// <param name="most">Largest that is taken.</param>
    public int Number(string key, int otherwise, int least, int most)
        => Text(key) is not { } value
            ? otherwise
            : int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
                ? number
                : throw Wrong(Find(key)!, key, $"is '{value}'; it can be a whole number from {least} to {most}");

    /// <summary>A number with a fraction.</summary>
    /// <param name="key">The key.</param>
    /// <param name="otherwise">Where it is missing.</param>
    /// <param name="least">Smallest that is taken.</param>
    /// <param name="most">Largest that is taken.</param>
    public double Fraction(string key, double otherwise, double least, double most)
        => Text(key) is not { } value
            ? otherwise
            : double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
                ? number
                : throw Wrong(Find(key)!, key, string.Create(CultureInfo.InvariantCulture, $"is '{value}'; it can be a number from {least} to {most}"));

    /// <summary>A time in seconds.</summary>
    /// <param name="key">The key.</param>
    /// <param name="otherwise">Where it is missing.</param>
    /// <param name="least">Fewest seconds that are taken.</param>
    /// <param name="most">Most seconds that are taken.</param>
    public TimeSpan Seconds(string key, TimeSpan otherwise, double least, double most)
        => TimeSpan.FromSeconds(Fraction(key, otherwise.TotalSeconds, least, most));

    /// <summary>A size in bytes, written as <c>4294967296</c> or <c>4G</c>.</summary>
    /// <param name="key">The key.</param>
    public long Bytes(string key)
    {
        if (Text(key) is not { } value)
        {
            return 0;
        }

        return ByteSize.TryParse(value, out var bytes) && bytes >= 0 ? bytes : throw Wrong(Find(key)!, key, $"is '{value}'; it can be bytes, or a size such as 512M or 4G");
    }

    /// <summary>Texts: a list, or a single one.</summary>
    /// <param name="key">The key.</param>
    public IReadOnlyList<string> Texts(string key) => Find(key) switch
    {
        null => [],
        YamlScalarNode { Value: { } single } => [single],
        YamlSequenceNode list => [.. list.Select(entry => entry is YamlScalarNode { Value: { } value } ? value : throw Wrong(entry, key, "has an entry that is not a text"))],
        var other => throw Wrong(other, key, "is not a list of texts"),
    };

    /// <summary>A mapping below a key; an empty one where it is missing.</summary>
    /// <param name="key">The key.</param>
    public YamlSection Section(string key) => Find(key) switch
    {
        null => new YamlSection(file, [], $"{prefix}{key}."),
        YamlMappingNode mapping => new YamlSection(file, mapping, $"{prefix}{key}."),
        YamlScalarNode { Value: null or "" } => new YamlSection(file, [], $"{prefix}{key}."),
        var other => throw Wrong(other, key, "is not a mapping"),
    };

    /// <summary>What stands below a key, as it is.</summary>
    /// <param name="key">The key.</param>
    public YamlNode? Find(string key)
    {
        _known.Add(key);
        return node.Children.TryGetValue(new YamlScalarNode(key), out var found) ? found : null;
    }

    /// <summary>All keys that were of use are read: another one is an error.</summary>
    /// <exception cref="StepException">A key that nobody knows (<see cref="ErrorCodes.Configuration"/>), with the one that was probably meant.</exception>
    public void RefuseOthers()
    {
        foreach (var entry in node.Children.Keys)
        {
            if (entry is YamlScalarNode { Value: { } key } && _known.Contains(key))
            {
                continue;
            }

            var name = (entry as YamlScalarNode)?.Value ?? "?";
            var meant = _known.MinBy(known => Distance(known, name));
            throw new StepException(
                ErrorCodes.Configuration,
                $"{file}, line {entry.Start.Line}: there is no key '{prefix}{name}'",
                meant is not null && Distance(meant, name) <= 3 ? $"Is '{prefix}{meant}' meant?" : $"Known here: {string.Join(", ", _known.Order(StringComparer.Ordinal))}.");
        }
    }

    /// <summary>A complaint about a value.</summary>
    /// <param name="at">Where it stands.</param>
    /// <param name="key">Its key.</param>
    /// <param name="what">What is wrong.</param>
    public StepException Wrong(YamlNode at, string key, string what)
        => new(ErrorCodes.Configuration, $"{file}, line {at.Start.Line}: '{prefix}{key}' {what}", "See docs/examples/daemon.yaml.");

    private static int Distance(string left, string right)
    {
        // Levenshtein, one row.
        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var corner = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var change = corner + (left[i - 1] == right[j - 1] ? 0 : 1);
                corner = row[j];
                row[j] = Math.Min(change, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
