using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Helpers.Output.Libvirt;
using Hyper2Kvm.Helpers.Output.Tests.Support;

namespace Hyper2Kvm.Helpers.Output.Tests.Libvirt;

/// <summary>What define would refuse after hours of copying is refused before.</summary>
public sealed class DomainCapabilitiesTests
{
    private static readonly DomainCapabilities Rich = new() { IsKvm = true, MaximumCpus = 288, HasUefi = true, HasSecureBoot = true, TpmVersions = ["2.0"] };

    [Fact]
    public void Libvirts_answer_is_read()
        => DomainCapabilities.Parse(
            """
            <domainCapabilities>
              <vcpu max='288'/>
              <os supported='yes'>
                <enum name='firmware'><value>bios</value><value>efi</value></enum>
                <loader supported='yes'><enum name='secure'><value>no</value><value>yes</value></enum></loader>
              </os>
              <devices>
                <tpm supported='yes'>
                  <enum name='backendModel'><value>passthrough</value><value>emulator</value></enum>
                  <enum name='backendVersion'><value>2.0</value></enum>
                </tpm>
              </devices>
            </domainCapabilities>
            """,
            isKvm: true).Should().BeEquivalentTo(Rich);

    [Fact]
    public void A_host_that_has_everything_takes_every_guest() => Guests.All.Values.Should().AllSatisfy(Rich.Check);

    [Fact]
    public void What_is_missing_is_named_with_the_package_that_brings_it()
    {
        Refusal(Rich with { HasUefi = false }).Hint.Should().Contain("ovmf");
        Refusal(Rich with { HasSecureBoot = false }).Message.Should().Contain("secure boot");
        Refusal(Rich with { TpmVersions = [] }).Hint.Should().Contain("swtpm").And.Contain("tpm=none");
        Refusal(Rich with { MaximumCpus = 4 }).Message.Should().Contain("8 processors");
    }

    private static StepException Refusal(DomainCapabilities host)
        => FluentActions.Invoking(() => host.Check(Guests.Windows)).Should().Throw<StepException>().Where(failure => failure.Code == ErrorCodes.OutputLibvirt).Which;
}
