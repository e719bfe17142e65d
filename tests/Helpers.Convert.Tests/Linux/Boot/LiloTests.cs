using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Helpers.Convert.Tests.Fakes;

namespace Hyper2Kvm.Helpers.Convert.Tests.Linux.Boot;

public sealed class LiloTests
{
    private const string Configuration = "boot=/dev/sda\nimage=/boot/vmlinuz\n\tlabel=Linux\n\troot=/dev/sda1\n";

    [Theory]
    [InlineData("edit")]
    [InlineData("guest")]
    public void A_guest_that_starts_with_LILO_is_refused_with_the_way_that_works(string rebuild)
    {
        using var guest = new SampleGuest { Options = new() { RebuildInitramfs = rebuild } };
        guest.Files.Delete("/boot/grub/grub.cfg");
        guest.Put("/etc/lilo.conf", Configuration);

        var failure = guest.Invoking(refused => refused.Convert()).Should().Throw<StepException>().Which;

        failure.Code.Should().Be(ErrorCodes.ConvertBootloader);
        failure.Message.Should().Contain("LILO (/etc/lilo.conf)").And.Contain("block numbers");
        failure.Hint.Should().Contain("install grub in the guest").And.Contain("--rebuild-initramfs=guest does not help");
        guest.Files.Written.Should().BeEmpty();
        guest.Programs.Ran.Should().BeEmpty();
    }

    [Fact]
    public void With_grub_beside_it_the_guest_is_converted_for_grub_and_warned_about()
    {
        using var guest = new SampleGuest();
        guest.Put("/etc/lilo.conf", Configuration);

        var warning = guest.Convert().Report.Warnings.Should().ContainSingle(warning => warning.Path == "/etc/lilo.conf").Which;

        warning.Message.Should().Contain("converted for grub2").And.Contain("does not boot if LILO is still in its boot sector");
        warning.Hint.Should().Contain("remove /etc/lilo.conf");
        guest.Text("/etc/lilo.conf").Should().Be(Configuration);
    }
}
