using System.Text.Json;

namespace Hyper2Kvm.EndToEnd.Support;

/// <summary>What a guest must say of itself once it has booted: the <c>expected</c> section of its <c>fixture.json</c>.</summary>
internal sealed class Expected
{
    private readonly JsonElement _fixture;
    private readonly JsonElement _expected;

    public Expected(string guest)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(GuestFixture.Directory(guest), "fixture.json")));
        _fixture = document.RootElement.Clone();
        _expected = _fixture.GetProperty("expected");
    }

    /// <summary>Options for <see cref="Boot"/> that this guest's firmware needs.</summary>
    public string[] BootOptions => _fixture.GetProperty("firmware").GetString() == "uefi" ? ["--uefi"] : [];

    /// <summary>Options for a conversion that this guest needs: the key of one that is encrypted.</summary>
    public string[] ConversionOptions => [.. Keys.SelectMany(key => new[] { "--key", key })];

    /// <summary>The key of a guest that is encrypted.</summary>
    public string[] Keys => _fixture.TryGetProperty("key", out var key) ? [key.GetString()!] : [];

    /// <summary>The guest came up whole: prompt, address on its interface, its file systems and its data where they were, nothing failed.</summary>
    /// <param name="boot">What it wrote.</param>
    /// <param name="dataDisk">Whether the second disk is there too.</param>
    public void AssertUp(Boot.Result boot, bool dataDisk = true)
    {
        boot.Reached.Should().BeTrue(boot.Serial);
        var (card, address) = (_expected.GetProperty("interface").GetString()!, _expected.GetProperty("address").GetString()!);
        boot.Report("ADDR").Should().MatchRegex($@"{card}\s+UP\s+{address.Replace(".", "\\.")}");
        boot.Report("FAILED").Should().EndWith("FIXTURE-FAILED -");
        boot.Report("CMDLINE").Should().NotContain("/dev/sd");
        foreach (var mount in _expected.GetProperty("mounts").EnumerateObject().Where(mount => dataDisk || mount.Name != "/data"))
        {
            boot.Report("MOUNT").Should().MatchRegex($@"FIXTURE-MOUNT {mount.Name} \S+ {mount.Value.GetString()} rw");
        }

        if (_expected.GetProperty("swap").GetBoolean())
        {
            boot.Report("SWAP").Should().MatchRegex("/dev/[sv]d[a-z][0-9]|/dev/dm-");
        }

        foreach (var marker in _expected.GetProperty("markers").EnumerateObject().Where(marker => dataDisk || !marker.Name.StartsWith("/data", StringComparison.Ordinal)))
        {
            boot.Report("MARKER").Should().Contain($"{marker.Name}:{marker.Value.GetString()}");
        }
    }
}
