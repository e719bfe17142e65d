using Hyper2Kvm.Helpers.Convert.Tests.Fakes;

namespace Hyper2Kvm.Helpers.Convert.Tests.Linux.Network;

public sealed class CloudInitTests
{
    private const string Configuration = "/etc/cloud/cloud.cfg.d/99-hyper2kvm.cfg";

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
