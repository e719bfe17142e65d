namespace Hyper2Kvm.Guest.Volumes.Lvm;

/// <summary>A section of LVM2's configuration text: values and sections by name. What is missing or of another kind reads as nothing.</summary>
internal sealed class LvmSection
{
    private Dictionary<string, object>? _values;

    /// <summary>Its sections, in the order of the text.</summary>
    public IEnumerable<(string Name, LvmSection Section)> Sections
        => (_values ?? []).Where(value => value.Value is LvmSection).Select(value => (value.Key, (LvmSection)value.Value));

    /// <summary>A section in it.</summary>
    public LvmSection? Section(string name) => Value(name) as LvmSection;

    /// <summary>A text value.</summary>
    public string? Text(string name) => Value(name) as string;

    /// <summary>A number that is not negative.</summary>
    public long? Number(string name) => Value(name) is long and >= 0 and var number ? number : null;

    /// <summary>A list, each entry a <see langword="string"/> or a <see langword="long"/>; a single value is a list of one.</summary>
    public IReadOnlyList<object> List(string name) => Value(name) switch
    {
        List<object> list => list,
        string or long => [Value(name)!],
        _ => [],
    };

    /// <summary>Whether a list has a word in it: <c>status</c>, <c>flags</c>.</summary>
    public bool Has(string name, string word) => List(name).Contains(word);

    /// <summary>Sets a value or section; of two with one name the last counts.</summary>
    internal void Set(string name, object value) => (_values ??= new Dictionary<string, object>(StringComparer.Ordinal))[name] = value;

    private object? Value(string name) => _values?.GetValueOrDefault(name);
}
