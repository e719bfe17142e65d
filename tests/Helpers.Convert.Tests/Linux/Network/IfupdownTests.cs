using Hyper2Kvm.Helpers.Convert.Linux.Network;
using Hyper2Kvm.Helpers.Convert.Tests.Fakes;

namespace Hyper2Kvm.Helpers.Convert.Tests.Linux.Network;

public sealed class IfupdownTests
{
    [Fact]
    public void Files_that_include_each_other_are_read_once_each()
    {
        using var guest = new SampleGuest();
        guest.Put("/etc/network/interfaces", "source /etc/network/*\nsource interfaces.d/*\nsource-directory interfaces.d\niface ens192 inet dhcp\n");
        for (var file = 0; file < 40; file++)
        {
            guest.Put($"/etc/network/interfaces.d/a{file}", $"source /etc/network/interfaces.d/*\nsource /etc/network/interfaces\niface eth{file} inet dhcp\n");
        }

        var cards = new Ifupdown().Cards(guest.Files, _ => { }).Select(card => card.Name);

        cards.Should().HaveCount(41).And.Contain("ens192").And.Contain("eth39");
    }
}
