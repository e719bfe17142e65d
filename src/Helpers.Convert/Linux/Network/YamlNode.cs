namespace Hyper2Kvm.Helpers.Convert.Linux.Network;

/// <summary>A value of a YAML file: a scalar, or a mapping; items of sequences are kept as keys of a mapping.</summary>
/// <param name="scalar">The scalar, where it is one.</param>
internal sealed class YamlNode(string? scalar = null)
{
    /// <summary>The scalar without quotes.</summary>
    public string? Scalar { get; set; } = scalar;

    /// <summary>Children by key, in order.</summary>
    public List<KeyValuePair<string, YamlNode>> Children { get; } = [];

    /// <summary>A child, or an empty node.</summary>
    /// <param name="key">Its key.</param>
    public YamlNode this[string key] => Children.LastOrDefault(child => child.Key == key).Value ?? new YamlNode();
}
