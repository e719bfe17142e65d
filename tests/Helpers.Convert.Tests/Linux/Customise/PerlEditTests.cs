using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Guest;
using Hyper2Kvm.Helpers.Convert.Tests.Fakes;

namespace Hyper2Kvm.Helpers.Convert.Tests.Linux.Customise;

public sealed class PerlEditTests : IDisposable
{
    private const string Path = "/etc/ssh/sshd_config";

    private readonly SampleGuest _guest = new() { Options = new JobConvert { GuestAgent = "off" } };

    public PerlEditTests()
    {
        _guest.Put(Path, "Port 22\n#PermitRootLogin yes\nBanner gr\u00fc\u00df\r\nend");
        _guest.Convert();
    }

    public void Dispose() => _guest.Dispose();

    [Theory]
    [InlineData("s/^#?PermitRootLogin.*/PermitRootLogin no/", "Port 22\nPermitRootLogin no\nBanner gr\u00fc\u00df\r\nend")]
    [InlineData("$_ = '' if $lineno == 1", "#PermitRootLogin yes\nBanner gr\u00fc\u00df\r\nend")]
    [InlineData("s/\u00c3\u00bc/u/; s/$/ # $./ if eof", "Port 22\n#PermitRootLogin yes\nBanner gr\u00fc\u00df\r\nend # 4")]
    public void Each_line_goes_through_the_expression_and_bytes_stay_bytes(string expression, string expected)
    {
        var report = Edit(expression);
        _guest.Text(Path).Should().Be(expected);
        report.Changes.Should().ContainSingle().Which.Lines.Should().NotBeEmpty();
        Edit("s/none/such/").Changes.Should().BeEmpty("nothing is different");
    }

    [Fact]
    public void Mode_and_what_was_written_before_stay_and_a_link_is_followed()
    {
        _guest.Files.SetMode(Path, 0x180);
        _guest.Files.Link("/etc/link", Path);
        _guest.Customise(new() { Action = "append-line", Path = Path, Value = "UseDNS yes" }, new() { Action = "edit", Path = "/etc/link", Value = "s/yes/no/" });
        _guest.Text(Path).Should().Contain("#PermitRootLogin no\n").And.EndWith("UseDNS no\r\n", "the file has such line ends");
        _guest.Files.Status(Path)!.Mode.Should().Be(0x180);
        _guest.Files.Status("/etc/link", followLinks: false)!.Kind.Should().Be(GuestFileKind.SymbolicLink);
    }

    [Theory]
    [InlineData("s/(/x/", "*Unmatched ( in regex*")]
    [InlineData("die qq(no line $lineno\n) if $lineno == 2", "*perl: no line 2")]
    [InlineData("exit 3", "*exit code 3")]
    [InlineData("open(F, '>', '/etc/hyper2kvm-test') or die 'refused'", "*perl: refused*")]
    [InlineData("print 'x' x 65536 while 1", "*more than 16 MiB*")]
    [InlineData("push @a, 'x' x 1048576 while 1", "*Out of memory*")]
    public void An_expression_that_fails_refuses_the_guest_with_perls_message(string expression, string message)
    {
        _guest.Files.Written.Clear();
        FluentActions.Invoking(() => Edit(expression)).Should().Throw<StepException>().WithMessage(message).Which.Code.Should().Be(ErrorCodes.ConvertCustomise);
        _guest.Files.Written.Should().BeEmpty();
    }

    [Fact]
    public void It_runs_as_a_user_who_is_not_root()
    {
        Edit("$_ = \"$> $)\\n\"");
        _guest.Text(Path).Split('\n')[0].Should().NotBeEmpty().And.NotStartWith("0 ").And.NotEndWith(" 0");
    }

    private ConversionReport Edit(string expression) => _guest.Customise(new JobCustomisation { Action = "edit", Path = Path, Value = expression });
}
