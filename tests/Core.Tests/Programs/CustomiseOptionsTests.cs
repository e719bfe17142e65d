using System.CommandLine;
using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Programs;

namespace Hyper2Kvm.Core.Tests.Programs;

public class CustomiseOptionsTests
{
    [Fact]
    public void The_order_across_options_is_kept()
        => Parse("--write", "/a:x:y", "--hostname=web", "--write", "/b:", "--link", "/t:/l1:/l2", "--chmod", "0600:/a", "--ssh-inject", "ann:string:ssh-rsa AAAA", "--upload", "/f:/d", "--edit", "/a:s:x:y:").Customise.Should().Equal(
            new JobCustomisation { Action = "write", Path = "/a", Value = "x:y" },
            new JobCustomisation { Action = "hostname", Value = "web" },
            new JobCustomisation { Action = "write", Path = "/b", Value = string.Empty },
            new JobCustomisation { Action = "link", Path = "/l1", Value = "/t" },
            new JobCustomisation { Action = "link", Path = "/l2", Value = "/t" },
            new JobCustomisation { Action = "chmod", Path = "/a", Value = "0600" },
            new JobCustomisation { Action = "ssh-inject", Path = "ann", Value = "ssh-rsa AAAA" },
            new JobCustomisation { Action = "upload", Path = "/d", File = "/f" },
            new JobCustomisation { Action = "edit", Path = "/a", Value = "s:x:y:" });

    [Fact]
    public void What_is_not_said_stays_as_the_job_has_it()
    {
        var job = new JobConvert { GuestAgent = "off", Customise = [new() { Action = "mkdir", Path = "/a" }] };
        Parse(job).Should().BeEquivalentTo(job);
        Parse(job, "--guest-agent", "enable").GuestAgent.Should().Be("enable");
        Parse(job with { RemoveTools = true }).RemoveTools.Should().BeTrue();
        Parse("--remove-tools").RemoveTools.Should().BeTrue();
    }

    [Theory]
    [InlineData("--upload", "file")]
    [InlineData("--write", ":text")]
    [InlineData("--link", "target")]
    [InlineData("--ssh-inject", "ann:agent:x")]
    [InlineData("--root-password", "secret")]
    [InlineData("--root-password", "password:secret")]
    [InlineData("--root-password", "locked:password:secret")]
    [InlineData("--root-password", "file:/dev/stdin")]
    public void A_value_of_another_form_is_refused_and_a_password_is_not_repeated(string option, string value)
    {
        var refused = FluentActions.Invoking(() => Parse(option, value)).Should().Throw<StepException>().Which;
        refused.Code.Should().Be(ErrorCodes.Usage);
        $"{refused.Message} {refused.Hint}".Should().NotContain("secret");
    }

    private static JobConvert Parse(params string[] arguments) => Parse(new JobConvert(), arguments);

    private static JobConvert Parse(JobConvert job, params string[] arguments)
    {
        var options = new CustomiseOptions();
        var command = new RootCommand();
        options.AddTo(command);
        return options.ApplyTo(command.Parse(arguments), job);
    }
}
