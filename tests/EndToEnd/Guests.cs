using Hyper2Kvm.EndToEnd.Support;

namespace Hyper2Kvm.EndToEnd;

/// <summary>Real guests, converted and booted on virtio.</summary>
[Trait("speed", "slow")]
public sealed class Guests : IDisposable
{
    private readonly Scratch _scratch = new();

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void A_guest_without_virtio_does_not_boot_on_virtio_before_its_conversion()
    {
        var disks = GuestFixture.Disks(GuestFixture.Directory("debian-novirtio"), "raw");

        Boot.Run(_scratch, disks, "--bus", "virtio").Reached.Should().BeFalse();
    }

    [Fact]
    public void A_VMware_shaped_guest_with_two_disks_boots_on_virtio_with_its_address_and_its_data()
    {
        var source = GuestFixture.Variant("debian-novirtio", "vmdk-sparse");
        var before = GuestFixture.Digests(source);

        var converted = Convert("vmdk", GuestFixture.Disks(source, "vmdk"));
        var boot = Boot.Run(_scratch, converted.Disks, "--bus", "virtio", "--mac", converted.Mac);

        boot.Reached.Should().BeTrue(boot.Serial);
        boot.Report("ADDR").Should().MatchRegex(@"ens192\s+UP\s+192\.0\.2\.10/24");
        boot.Report("MOUNT").Should().MatchRegex(@"/dev/vd.1.*").And.Contain("/data");
        boot.Report("SWAP").Should().Contain("/dev/vda2");
        boot.Serial.Should().NotMatchRegex("FIXTURE-FAILED .*open-vm-tools");
        GuestFixture.Digests(source).Should().Equal(before, "the source is never written");
        _scratch.AssertNothingLeft();
    }

    [Theory]
    [InlineData("debian-uefi", "ens192", "192.0.2.1", "--uefi")]
    [InlineData("debian-xfs", "ens192", "192.0.2.1")]
    [InlineData("debian-btrfs", "ens192", "192.0.2.1")]
    public void Other_layouts_boot_on_virtio_with_their_address(string name, string card, string addressStart, params string[] options)
    {
        var source = GuestFixture.Directory(name);
        var before = GuestFixture.Digests(source);

        var converted = Convert("disk", GuestFixture.Disks(source, "raw"));
        var boot = Boot.Run(_scratch, converted.Disks, ["--bus", "virtio", "--mac", converted.Mac, .. options]);

        boot.Reached.Should().BeTrue(boot.Serial);
        boot.Report("ADDR").Should().MatchRegex($@"{card}\s+UP\s+{addressStart.Replace(".", "\\.")}\d/24");
        GuestFixture.Digests(source).Should().Equal(before, "the source is never written");
        _scratch.AssertNothingLeft();
    }

    [Fact]
    public void A_qcow2_is_converted_where_it_stands_and_boots_and_a_second_run_changes_nothing()
    {
        var disks = CopyOf("debian-novirtio", "qcow2");

        var first = Product.Run(_scratch, ["in-place", "-i", "disk", "-if", "qcow2", .. disks]);
        var second = Product.Run(_scratch, ["in-place", "-i", "disk", "-if", "qcow2", "--work", _scratch.File("again"), .. disks]);

        first.ExitCode.Should().Be(0, first.ErrorText);
        second.ExitCode.Should().Be(0, second.ErrorText);
        second.OutputText.Should().Contain("0 changes");
        var boot = Boot.Run(_scratch, disks, "--bus", "virtio");
        boot.Reached.Should().BeTrue(boot.Serial);
        boot.Report("ADDR").Should().MatchRegex(@"ens192\s+UP\s+192\.0\.2\.10/24", "a single configured name goes to a single card, whatever its MAC");
    }

    private (string[] Disks, string Mac) Convert(string type, string[] sources, params string[] options)
        => Conversions.ToLocal(_scratch, type, sources, options);

    private string[] CopyOf(string name, string format)
        => [.. GuestFixture.Disks(GuestFixture.Variant(name, format), format).Select(file =>
        {
            var copy = _scratch.File(Path.GetFileName(file));
            File.Copy(file, copy);
            File.SetUnixFileMode(copy, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            return copy;
        })];
}
