namespace Hyper2Kvm.Helpers.Convert.Linux.Initramfs;

/// <summary>What one initramfs is to get.</summary>
internal sealed class InitramfsContent
{
    private readonly SortedDictionary<string, ReadOnlyMemory<byte>> _files = new(StringComparer.Ordinal);
    private readonly List<string> _reasons = [];

    /// <summary>New content of files, by path in the archive.</summary>
    public IReadOnlyDictionary<string, ReadOnlyMemory<byte>> Files => _files;

    /// <summary>What is new, in words.</summary>
    public IReadOnlyList<string> Reasons => _reasons;

    /// <summary>Whether there is nothing to do.</summary>
    public bool IsEmpty => _files.Count == 0;

    /// <summary>Puts a file in, unless the image has just that already.</summary>
    /// <param name="image">The image.</param>
    /// <param name="path">Path in the archive.</param>
    /// <param name="content">Content.</param>
    /// <returns>Whether it is new.</returns>
    public bool Put(InitramfsImage image, string path, ReadOnlyMemory<byte> content)
    {
        if (image.Content(path) is { } present && present.Span.SequenceEqual(content.Span))
            return false;
        _files[image.Resolve(path)] = content;
        return true;
    }

    /// <summary>Says what is new.</summary>
    /// <param name="reason">In words.</param>
    public void Because(string reason) => _reasons.Add(reason);
}
