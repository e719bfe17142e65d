using System.Globalization;
using System.Text.Json;

namespace Hyper2Kvm.Guest.Volumes.Luks;

/// <summary>An object of the JSON text of a LUKS2 header, read strictly: what is not of its type or out of its bounds is damage.</summary>
internal sealed class Luks2Object
{
    /// <summary>Longest list or object that is looked at.</summary>
    private const int MostMembers = 256;

    private const string DamagedHeader = "its LUKS2 header is damaged";

    private readonly JsonElement _element;
    private readonly string _name;

    /// <summary>Takes an object.</summary>
    /// <param name="element">The object.</param>
    /// <param name="name">What it is called in messages.</param>
    /// <exception cref="VolumeProblem">It is none.</exception>
    public Luks2Object(JsonElement element, string name)
    {
        _element = element.ValueKind == JsonValueKind.Object ? element : throw Damaged($"{name} is no object");
        _name = name;
    }

    /// <summary>What is thrown for damage.</summary>
    /// <param name="what">What is wrong.</param>
    public static VolumeProblem Damaged(string what) => new($"{DamagedHeader}: {what}");

    /// <summary>Whether a problem is damage, rather than something that is not supported.</summary>
    /// <param name="problem">A problem.</param>
    public static bool IsDamage(VolumeProblem problem) => problem.Message.StartsWith(DamagedHeader, StringComparison.Ordinal);

    /// <summary>Whether it has a member.</summary>
    /// <param name="member">Its name.</param>
    public bool Has(string member) => _element.TryGetProperty(member, out _);

    /// <summary>A member that is an object.</summary>
    /// <param name="member">Its name.</param>
    public Luks2Object Object(string member) => new(Get(member), member);

    /// <summary>A member that is an object, or <see langword="null"/> where there is none.</summary>
    /// <param name="member">Its name.</param>
    public Luks2Object? Optional(string member) => Has(member) ? Object(member) : null;

    /// <summary>Its members, which are all objects.</summary>
    public IEnumerable<(string Name, Luks2Object Object)> Members()
        => _element.EnumerateObject().Take(MostMembers).Select(member => (member.Name, new Luks2Object(member.Value, $"{_name} {LuksText.Quote(member.Name)}")));

    /// <summary>A member that is text.</summary>
    /// <param name="member">Its name.</param>
    public string Text(string member) => Get(member) is { ValueKind: JsonValueKind.String } text ? text.GetString()! : throw Wrong(member);

    /// <summary>A member that is a list of texts; empty where there is none.</summary>
    /// <param name="member">Its name.</param>
    public IReadOnlyList<string> Strings(string member)
        => !_element.TryGetProperty(member, out var list) ? []
            : list.ValueKind == JsonValueKind.Array ? [.. list.EnumerateArray().Take(MostMembers).Select(one => one.ValueKind == JsonValueKind.String ? one.GetString()! : throw Wrong(member))]
            : throw Wrong(member);

    /// <summary>A member that is a whole number, not negative.</summary>
    /// <param name="member">Its name.</param>
    /// <param name="most">Its bound.</param>
    public long Number(string member, long most)
        => Get(member) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt64(out var value) && value >= 0 && value <= most ? value : throw Wrong(member);

    /// <summary>A member that is a number of bytes in a text: JSON's own numbers end at 2^53 (3.1).</summary>
    /// <param name="member">Its name.</param>
    public long Bytes(string member)
        => long.TryParse(Text(member), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : throw Wrong(member);

    /// <summary>A member that is a number of sectors in a text.</summary>
    /// <param name="member">Its name.</param>
    public ulong Sectors(string member)
        => ulong.TryParse(Text(member), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : throw Wrong(member);

    /// <summary>A member that is bytes in Base64, 1 to 256 of them.</summary>
    /// <param name="member">Its name.</param>
    public byte[] Binary(string member)
    {
        var text = Text(member);
        var bytes = new byte[256];
        return Convert.TryFromBase64String(text, bytes, out var count) && count > 0 ? bytes[..count] : throw Wrong(member);
    }

    private JsonElement Get(string member) => _element.TryGetProperty(member, out var found) ? found : throw Damaged($"{_name} lacks {member}");

    private VolumeProblem Wrong(string member) => Damaged($"{member} of {_name} is not what it should be");
}
