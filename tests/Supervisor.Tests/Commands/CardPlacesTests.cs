using Hyper2Kvm.Core.Documents;
using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Supervisor.Commands;

namespace Hyper2Kvm.Supervisor.Tests.Commands;

public sealed class CardPlacesTests
{
    [Fact]
    public void Cards_are_placed_as_virt_v2v_spells_it()
        => CardPlaces.Read(["00:0C:29:AA:BB:CC:bridge:br0", "00:0c:29:aa:bb:cd:network:a:b"]).Should().Equal(
            new JobCard { Mac = "00:0c:29:aa:bb:cc", Kind = "bridge", Source = "br0" },
            new JobCard { Mac = "00:0c:29:aa:bb:cd", Kind = "network", Source = "a:b" });

    [Theory]
    [InlineData("00:0c:29:aa:bb:cc")]
    [InlineData("00:0c:29:aa:bb:bridge:br0")]
    [InlineData("00:0c:29:aa:bb:cc:bridge:")]
    [InlineData("00:0c:29:aa:bb:cc:ip:192.0.2.1")]
    public void Anything_else_is_a_usage_error(string value)
        => FluentActions.Invoking(() => CardPlaces.Read([value])).Should().Throw<StepException>().Which.Code.Should().Be(ErrorCodes.Usage);

    [Fact]
    public void One_card_cannot_go_to_two_places()
        => FluentActions.Invoking(() => CardPlaces.Read(["00:0c:29:aa:bb:cc:bridge:br0", "00:0C:29:aa:bb:cc:network:x"])).Should().Throw<StepException>().WithMessage("*twice*");
}
