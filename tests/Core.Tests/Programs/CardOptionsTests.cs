using System.CommandLine;
using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Core.Programs;

namespace Hyper2Kvm.Core.Tests.Programs;

public sealed class CardOptionsTests
{
    private const string Card = "00:0c:29:aa:bb:cc";

    [Fact]
    public void Cards_are_placed_and_addressed_as_virt_v2v_spells_it()
    {
        var (places, job) = Read("00:0C:29:AA:BB:CC:bridge:br0", $"{Card}:ip:192.0.2.7,192.0.2.1,24,192.0.2.53,192.0.2.54", "00:0c:29:aa:bb:cd:network:a:b", "00:0C:29:aa:bb:cd:ip:2001:db8::7");
        places.Should().Equal(
            new JobCard { Mac = Card, Kind = "bridge", Source = "br0" },
            new JobCard { Mac = "00:0c:29:aa:bb:cd", Kind = "network", Source = "a:b" });
        job.Addresses.Should().BeEquivalentTo([
            new JobCardAddress { Mac = Card, Address = "192.0.2.7", Gateway = "192.0.2.1", PrefixLength = 24, NameServers = ["192.0.2.53", "192.0.2.54"] },
            new JobCardAddress { Mac = "00:0c:29:aa:bb:cd", Address = "2001:db8::7" }]);
    }

    [Theory]
    [InlineData("")]
    [InlineData(":bridge:")]
    [InlineData(":ip:")]
    [InlineData(":ip:192.0.2.300")]
    [InlineData(":ip:192.0.2.7,router")]
    [InlineData(":ip:192.0.2.7,192.0.2.1,255.255.255.0")]
    [InlineData(":ip:192.0.2.7,192.0.2.1,129")]
    [InlineData(":ip:192.0.2.7,192.0.2.1,24,")]
    [InlineData(":vlan:3")]
    public void Anything_else_is_a_usage_error(string rest)
        => FluentActions.Invoking(() => Read(Card + rest)).Should().Throw<StepException>().Which.Code.Should().Be(ErrorCodes.Usage);

    [Theory]
    [InlineData("bridge:br0", "network:x")]
    [InlineData("ip:192.0.2.1", "ip:192.0.2.2")]
    public void One_card_cannot_go_to_two_places_or_have_two_addresses(string one, string other)
        => FluentActions.Invoking(() => Read($"{Card}:{one}", $"{Card.ToUpperInvariant()}:{other}")).Should().Throw<StepException>().WithMessage("*twice*");

    [Fact]
    public void What_is_not_said_stays_as_the_job_has_it()
    {
        var job = new JobConvert { StaticFromLease = true, Addresses = [new() { Mac = Card, Address = "192.0.2.7" }] };
        Apply(job).Should().BeEquivalentTo(job);
        Apply(new(), "--static-from-lease").StaticFromLease.Should().BeTrue();
    }

    private static (IReadOnlyList<JobCard> Places, JobConvert Job) Read(params string[] values)
    {
        var (options, parsed) = Parse([.. values.SelectMany(value => new[] { "--mac", value })]);
        return (options.Places(parsed), options.ApplyTo(parsed, new()));
    }

    private static JobConvert Apply(JobConvert job, params string[] arguments)
    {
        var (options, parsed) = Parse(arguments);
        return options.ApplyTo(parsed, job);
    }

    private static (CardOptions Options, ParseResult Parsed) Parse(string[] arguments)
    {
        var options = new CardOptions();
        var command = new RootCommand();
        options.AddTo(command);
        return (options, command.Parse(arguments));
    }
}
