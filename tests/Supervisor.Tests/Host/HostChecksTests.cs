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

    [Theory]
    [InlineData(1, 2, 1)]
    [InlineData(2, 24, 1)]
    [InlineData(4, 8, 2)]
    [InlineData(8, 16, 4)]
    [InlineData(16, 32, 6)]
    [InlineData(64, 256, 6)]
    [InlineData(16, 4, 1)]
    public void Doctor_proposes_as_many_jobs_as_the_documents_table(int processors, int gibibytes, int jobs)
        => HostChecks.ProposedJobs(processors, (long)gibibytes << 30).Should().Be(jobs);
}
