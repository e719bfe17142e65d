using Hyper2Kvm.Helpers.Convert.Linux.Edits;
using Hyper2Kvm.Helpers.Convert.Tests.Fakes;

namespace Hyper2Kvm.Helpers.Convert.Tests.Linux.Network;

public sealed class CloudInitTests
{
    private const string Seed = "/var/lib/cloud/seed/nocloud";
    private const string Configuration = "/etc/cloud/cloud.cfg.d/zz-hyper2kvm.cfg";

    [Theory]
    [InlineData("DataSourceVMware: DataSourceVMware [seed=vmware-tools]", true)]
    [InlineData("DataSourceOVFNet: DataSourceOVFNet", true)]
    [InlineData("DataSourceAzure: DataSourceAzure [seed=/var/lib/waagent]", true)]
    [InlineData("DataSourceNoCloud: DataSourceNoCloud [seed=/dev/sr0][dsmode=net]", true)]
    [InlineData("DataSourceNoCloudNet: DataSourceNoCloudNet [seed=/var/lib/cloud/seed/nocloud-net][dsmode=net]", false)]
    [InlineData("DataSourceNone: DataSourceNone", false)]
    [InlineData("nonsense", false)]
    public void An_instance_is_kept_whose_data_source_stayed_with_the_old_host(string recorded, bool kept)
    {
        using var guest = new SampleGuest();
        guest.Put("/var/lib/cloud/instance/datasource", recorded + "\n");
        guest.Convert();
        guest.Files.Status(Configuration).Should().Match<object?>(status => status != null == kept);
        guest.Files.Status("/var/lib/cloud/instance/manual-clean").Should().Match<object?>(status => status != null == kept);
    }

    [Theory]
    [InlineData("iid-vm\n", null, true)]
    [InlineData("iid-vm\n", "instance-id: other\n", false)]
    [InlineData("a\": b\nc: \"\n", null, false)]
    [InlineData(null, null, false)]
    public void A_seed_tells_the_instance_unless_there_is_one_or_the_guest_does_not_tell_it(string? id, string? present, bool made)
    {
        using var guest = new SampleGuest();
        guest.Put("/var/lib/cloud/instance/datasource", "DataSourceVMware: DataSourceVMware\n");
        guest.Put("/var/lib/cloud/instance/user-data.txt", "#cloud-config\n");
        if (id is not null)
            guest.Put("/var/lib/cloud/data/instance-id", id);
        if (present is not null)
            guest.Put($"{Seed}/meta-data", present);

        guest.Convert();

        guest.Text(Configuration).Contains("datasource_list: [ NoCloud, None ]\n").Should().Be(made);
        guest.Files.HasFile($"{Seed}/user-data").Should().Be(made);
        if (made)
            (guest.Text($"{Seed}/meta-data"), guest.Text($"{Seed}/user-data")).Should().Be(("instance-id: \"iid-vm\"\n", "#cloud-config\n"));
        guest.Convert().Report.Changes.Should().BeEmpty();
    }

    /// <summary>The package's own code, in the guest's tree: on the old host, on the new one, and after an upgrade of its Python, at which it forgets what it knew.</summary>
    [Fact]
    [Trait("speed", "slow")]
    public void The_real_cloud_init_keeps_its_instance_and_the_host_keys_now_and_after_an_upgrade()
    {
        using var guest = new SampleGuest();
        var cloudInit = new RealCloudInit(guest);
        cloudInit.Start("VMX_GUESTINFO=1", "VMX_GUESTINFO_METADATA=instance-id: iid-vm\nlocal-hostname: web");
        var before = State(guest);
        before.Should().StartWith("iid-vm ");
        guest.Text("/var/lib/cloud/instance/datasource").Should().StartWith("DataSourceVMware");

        guest.Convert();

        cloudInit.Identify().Should().Be("0\n# manual_cache_clean.\n");
        cloudInit.Start();
        State(guest).Should().Be(before);
        guest.Put("/var/lib/cloud/data/python-version", "3.1");
        cloudInit.Start();
        State(guest).Should().Be(before);
        cloudInit.Identify().Should().MatchRegex("\\A0\n(# manual_cache_clean|datasource_list: \\[ NoCloud, None \\])");
    }

    private static string State(SampleGuest guest)
        => $"{guest.Text("/var/lib/cloud/data/instance-id").Trim()} {guest.Text("/etc/ssh/ssh_host_ed25519_key.pub").Trim()} {string.Join(' ', guest.Files.List("/etc/network/interfaces.d"))}";

    [Fact]
    public void Where_cloud_init_is_disabled_nothing_is_done()
    {
        using var guest = new SampleGuest();
        guest.Put("/var/lib/cloud/instance/datasource", "DataSourceOVF: DataSourceOVF\n");
        guest.Put("/etc/cloud/cloud-init.disabled", string.Empty);
        guest.Convert();
        guest.Files.Status(Configuration).Should().BeNull();
    }
}
