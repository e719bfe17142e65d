using Hyper2Kvm.EndToEnd.Support;

namespace Hyper2Kvm.EndToEnd;

/// <summary>Every source format gives the same guest: the same changes, and the same files on the target.</summary>
[Trait("speed", "slow")]
public sealed class SourceFormats : IDisposable
{
    private const string Guest = "debian-novirtio";

    private static readonly Lazy<IReadOnlyList<string>> FromRaw = new(() =>
    {
        using var scratch = new Scratch();
        return Convert(scratch, "disk", GuestFixture.Disks(GuestFixture.Directory(Guest), "raw"));
    });

    private readonly Scratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Theory]
    [InlineData("vmdk-monolithicSparse", "vmdk", "vmdk")]
    [InlineData("vmdk-twoGbMaxExtentSparse", "vmdk", "vmdk")]
    [InlineData("vmdk-monolithicFlat", "vmdk", "vmdk")]
    [InlineData("vmdk-streamOptimized", "vmdk", "vmdk")]
    [InlineData("vpc-dynamic", "vhd", "vhd")]
    [InlineData("vpc-fixed", "vhd", "vhd")]
    [InlineData("vhdx", "vhdx", "vhdx")]
    [InlineData("vdi", "vdi", "vdi")]
    [InlineData("qcow2", "disk", "qcow2")]
    public void The_same_guest_comes_out_of(string variant, string type, string extension)
    {
        var source = GuestFixture.Variant(Guest, variant);
        var before = GuestFixture.Digests(source);

        var files = Convert(_scratch, type, GuestFixture.Disks(source, extension));

        files.Should().Equal(FromRaw.Value);
        GuestFixture.Digests(source).Should().Equal(before, "the source is never written");
        _scratch.AssertNothingLeft();
    }

    private static IReadOnlyList<string> Convert(Scratch scratch, string type, string[] sources)
        => GuestTree.Of(scratch, Conversions.ToLocal(scratch, type, sources).Disks);
}
