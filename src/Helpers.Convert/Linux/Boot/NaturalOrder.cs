namespace Hyper2Kvm.Helpers.Convert.Linux.Boot;

/// <summary>Orders names as people do: runs of digits by their value, so that <c>5.9</c> is before <c>5.10</c> and <c>ens9</c> before <c>ens192</c>.</summary>
internal sealed class NaturalOrder : IComparer<string?>
{
    /// <summary>The one instance.</summary>
    public static readonly NaturalOrder Instance = new();

    /// <inheritdoc/>
    public int Compare(string? x, string? y)
    {
        var left = x.AsSpan();
        var right = y.AsSpan();
        while (!left.IsEmpty && !right.IsEmpty)
        {
            var (a, b) = (DigitRun(left), DigitRun(right));
            var order = a > 0 && b > 0 ? CompareNumbers(left[..a], right[..b]) : left[0].CompareTo(right[0]);
            if (order != 0)
                return order;
            left = left[Math.Max(a, 1)..];
            right = right[Math.Max(b, 1)..];
        }

        return left.Length.CompareTo(right.Length);
    }

    private static int DigitRun(ReadOnlySpan<char> text)
    {
        var end = text.IndexOfAnyExceptInRange('0', '9');
        return end < 0 ? text.Length : end;
    }

    private static int CompareNumbers(ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        left = left.TrimStart('0');
        right = right.TrimStart('0');
        return left.Length != right.Length ? left.Length.CompareTo(right.Length) : left.SequenceCompareTo(right);
    }
}
