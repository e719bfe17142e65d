using System.Security.Cryptography;

namespace Hyper2Kvm.Guest.Tests.Fixtures;

/// <summary>Sums of disks, for what must not be written.</summary>
internal static class Sha256
{
    public static IReadOnlyList<string> Of(params IEnumerable<string> files)
        => [.. files.Select(file =>
        {
            using var stream = File.OpenRead(file);
            return Convert.ToHexString(SHA256.HashData(stream));
        })];
}
