using System.Collections.Concurrent;
using System.Security.Cryptography;
using Hyper2Kvm.Core.Processes;

namespace Hyper2Kvm.EndToEnd.Support;

/// <summary>The real guests of <c>tests/Fixtures</c>, built once and kept in the user's cache.</summary>
internal static class GuestFixture
{
    private static readonly ConcurrentDictionary<string, Lazy<string>> Built = new();

    /// <summary>Directory of a guest, with <c>disk0.raw</c> and so on.</summary>
    public static string Directory(string name) => Built.GetOrAdd(name, key => new Lazy<string>(() => Build("build", key))).Value;

    /// <summary>Directory of a guest in another format.</summary>
    public static string Variant(string name, string variant) => Built.GetOrAdd($"{name}/{variant}", _ => new Lazy<string>(() => Build("variants", name, variant))).Value;

    /// <summary>The guest's disks in order, whatever they are called.</summary>
    public static string[] Disks(string directory, string extension)
        => [.. System.IO.Directory.EnumerateFiles(directory, $"disk?.{extension}").Order(StringComparer.Ordinal)];

    /// <summary>SHA-256 of every file of a directory: the source may not change by a bit.</summary>
    public static IReadOnlyDictionary<string, string> Digests(string directory)
        => System.IO.Directory.EnumerateFiles(directory).Order(StringComparer.Ordinal).ToDictionary(file => file, file =>
        {
            using var stream = File.OpenRead(file);
            return Convert.ToHexString(SHA256.HashData(stream));
        });

    private static string Build(string program, params string[] arguments)
    {
        var result = CommandRunner.Run(new Command(Path.Combine(Product.Root, "tests/Fixtures", program), arguments));
        result.ExitCode.Should().Be(0, $"tests/Fixtures/{program} {string.Join(' ', arguments)}: {result.ErrorText}");
        return result.OutputText.Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1];
    }
}
