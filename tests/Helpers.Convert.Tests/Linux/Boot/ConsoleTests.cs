using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Helpers.Convert.Linux.Boot;
using Hyper2Kvm.Helpers.Convert.Tests.Fakes;

namespace Hyper2Kvm.Helpers.Convert.Tests.Linux.Boot;

public class ConsoleTests
{
    [Theory]
    [InlineData("quiet console=hvc0", "quiet console=ttyS0")]
    [InlineData("console=tty0 console=xvc0,9600 quiet", "console=tty0 console=ttyS0 quiet")]
    [InlineData("console=hvc0 console=ttyS0,115200n8", " console=ttyS0,115200n8")]
    [InlineData("console=hvc0 x console=hvc0", "console=ttyS0 x")]
    [InlineData("GRUB_CMDLINE_LINUX=\"console=hvc0\"", "GRUB_CMDLINE_LINUX=\"console=ttyS0\"")]
    [InlineData("console=ttyS0 console=tty0 netconsole=hvc0 console=hvc01", "console=ttyS0 console=tty0 netconsole=hvc0 console=hvc01")]
    public void A_console_of_xen_becomes_the_first_serial_port_once(string before, string after)
    {
        KernelArguments.WithoutXenConsole(before).Should().Be(after);
        KernelArguments.WithoutXenConsole(after).Should().Be(after);
    }

    [Theory]
    [InlineData("co:2345:respawn:/sbin/agetty xvc0 9600 vt100-nav\n", "co:2345:respawn:/sbin/agetty ttyS0 9600 vt100-nav\n", "console\nxvc0\nttyS0\n")]
    [InlineData("h0:2345:respawn:/sbin/getty hvc0\nS0:12345:respawn:/sbin/getty -L ttyS0\n", "#h0:2345:respawn:/sbin/getty hvc0\nS0:12345:respawn:/sbin/getty -L ttyS0\n", "console\nxvc0\nttyS0\n")]
    [InlineData("#h0:2345:respawn:/sbin/getty hvc0\n", "#h0:2345:respawn:/sbin/getty hvc0\n", "console\nxvc0\n")]
    public void The_login_there_moves_along(string before, string after, string securetty)
    {
        using var guest = new SampleGuest();
        guest.Put("/etc/inittab", before);
        guest.Put("/etc/securetty", "console\nxvc0\n");
        guest.Convert();
        guest.Text("/etc/inittab").Should().Be(after);
        guest.Text("/etc/securetty").Should().Be(securetty);
        guest.Convert().Report.Changes.Should().BeEmpty();
    }

    [Theory]
    [InlineData(false, "console=ttyS0")]
    [InlineData(true, "console=hvc0")]
    public void It_stays_where_that_is_asked_for(bool keep, string console)
    {
        using var guest = new SampleGuest { Options = new JobConvert { KeepSerialConsole = keep } };
        guest.Put("/boot/grub/grub.cfg", guest.Text("/boot/grub/grub.cfg").Replace("quiet", "console=hvc0"));
        guest.Convert();
        guest.Text("/boot/grub/grub.cfg").Should().Contain($" ro {console}\n");
    }
}
