using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Linux.Edits;

namespace Hyper2Kvm.Helpers.Convert.Linux.Boot.Loaders;

/// <summary>Menu entries of one file each (UAPI.1 Boot Loader Specification, type 1), which systemd-boot and Fedora's grub read.</summary>
internal sealed record BootLoaderSpecification
{
    /// <summary>The file.</summary>
    public required string Path { get; init; }

    /// <summary>Name of the file without <c>.conf</c>, and without what counts boots (<c>+3-1</c>).</summary>
    public required string Id { get; init; }

    /// <summary>Key by which entries are sorted first; <see langword="null"/> where it has none.</summary>
    public string? SortKey { get; init; }

    /// <summary>Version, for the order.</summary>
    public string Version { get; init; } = string.Empty;

    /// <summary>The kernel, as the bootloader has its path; a unified kernel image counts as one.</summary>
    public string? Linux { get; init; }

    /// <summary>What is loaded with it, in order.</summary>
    public IReadOnlyList<string> Initrds { get; init; } = [];

    /// <summary>Arguments of the kernel, as they stand there.</summary>
    public string Arguments { get; init; } = string.Empty;

    /// <summary>Reads all entries of a directory, in the order of the specification: what is sorted by a key first, then the newest.</summary>
    /// <param name="files">The guest.</param>
    /// <param name="directory"><c>…/loader/entries</c>.</param>
    public static IReadOnlyList<BootLoaderSpecification> ReadAll(IGuestFiles files, string directory)
        => [.. files.List(directory)
            .Where(name => name.EndsWith(".conf", StringComparison.Ordinal) && files.HasFile($"{directory}/{name}"))
            .Select(name => Parse($"{directory}/{name}", files.ReadText($"{directory}/{name}") ?? string.Empty))
            .OrderBy(entry => entry.SortKey is null)
            .ThenBy(entry => entry.SortKey, StringComparer.Ordinal)
            .ThenByDescending(entry => entry.SortKey is null ? entry.Path : entry.Version, NaturalOrder.Instance)];

    /// <summary>Whether a line holds kernel arguments.</summary>
    /// <param name="line">A line of an entry.</param>
    public static bool HoldsArguments(string line) => Key(line) == "options";

    private static BootLoaderSpecification Parse(string path, string text)
    {
        var values = text.Split('\n').Select(line => (Key: Key(line), Value: Value(line))).Where(pair => pair.Value.Length > 0).ToList();
        string? Last(string key) => values.LastOrDefault(pair => pair.Key == key).Value;
        var name = path[(path.LastIndexOf('/') + 1)..^".conf".Length];
        return new BootLoaderSpecification
        {
            Path = path,
            Id = name.LastIndexOf('+') is > 0 and var plus && name[(plus + 1)..].All(letter => letter == '-' || char.IsAsciiDigit(letter)) ? name[..plus] : name,
            SortKey = Last("sort-key"),
            Version = Last("version") ?? string.Empty,
            Linux = Last("linux") ?? Last("efi") ?? Last("uki"),
            Arguments = string.Join(' ', values.Where(pair => pair.Key == "options").Select(pair => pair.Value)),
            Initrds = [.. values.Where(pair => pair.Key == "initrd").SelectMany(pair => pair.Value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))],
        };
    }

    private static string Key(string line) => line.TrimStart().Split((char[]?)null, 2)[0];

    private static string Value(string line) => line.Trim().Split((char[]?)null, 2) is [_, var value] ? value.Trim() : string.Empty;
}
