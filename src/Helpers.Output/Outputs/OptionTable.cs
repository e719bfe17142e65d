namespace Hyper2Kvm.Helpers.Output.Outputs;

/// <summary>Tables of <c>-oo</c> keys, put together from those of the parts.</summary>
internal static class OptionTable
{
    /// <summary>A table with one key more.</summary>
    /// <param name="table">The table.</param>
    /// <param name="key">The key.</param>
    /// <param name="meaning">What it means.</param>
    public static IReadOnlyDictionary<string, string> With(this IReadOnlyDictionary<string, string> table, string key, string meaning)
        => new Dictionary<string, string>(table, StringComparer.Ordinal) { [key] = meaning };
}
