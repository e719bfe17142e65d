using Hyper2Kvm.Core.Processes;
using Hyper2Kvm.Supervisor.Host;

namespace Hyper2Kvm.Supervisor.Tests.Host;

public sealed class HostChecksTests
{
    [Fact]
    public void What_all_others_are_started_through_is_looked_for_like_any_tool()
        => HostChecks.All().Select(finding => finding.What).Should().Contain(["setpriv", "setsid", "nbdkit", "kill"]).And.OnlyHaveUniqueItems();

    [Theory]
    [InlineData("setsid")]
    [InlineData("setpriv")]
    public void A_program_of_util_linux_is_found_in_its_package(string tool) => ToolPackages.Of(tool).Should().Be("util-linux");
}
