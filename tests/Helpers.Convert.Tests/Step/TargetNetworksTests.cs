using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Helpers.Convert.Step;

namespace Hyper2Kvm.Helpers.Convert.Tests.Step;

public sealed class TargetNetworksTests
{
    [Fact]
    public void A_card_goes_where_its_address_is_sent_and_others_to_the_default_or_where_they_were()
    {
        var target = new TargetMetadata
        {
            Schema = TargetMetadata.SchemaName,
            Name = "x",
            Nics = [new() { Mac = "00:00:00:00:00:01" }, new() { Mac = "00:00:00:00:00:02" }, new() { Mac = "00:00:00:00:00:03", Source = "prod" }],
        };
        var warnings = new List<string>();

        var placed = TargetNetworks.Apply(
            target,
            new JobOutput
            {
                DefaultNetwork = "bridge:br0",
                Cards = [new() { Mac = "00:00:00:00:00:02", Source = "lab" }, new() { Mac = "00:00:00:00:00:09", Source = "lab" }],
            },
            (message, _) => warnings.Add(message));

        placed.Nics.Select(nic => $"{nic.Kind}:{nic.Source}").Should().Equal("bridge:br0", "network:lab", "network:prod");
        warnings.Should().ContainSingle().Which.Should().Contain("00:00:00:00:00:09");
    }
}
