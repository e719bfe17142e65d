using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Helpers.Output.Disks;
using Hyper2Kvm.Helpers.Output.Outputs;

namespace Hyper2Kvm.Helpers.Output.Tests.Steps;

public sealed class NameTests
{
    [Theory]
    [InlineData("web", "web")]
    [InlineData("a/b", "a_b")]
    [InlineData("..", "_.")]
    [InlineData(".hidden", "_hidden")]
    [InlineData("-rf", "_rf")]
    [InlineData("two\nlines\0", "two_lines_")]
    [InlineData("  Büro 1 ", "Büro 1")]
    public void A_guest_name_becomes_a_file_name(string name, string expected) => GuestName.Clean(name).Should().Be(expected);

    [Theory]
    [InlineData("")]
    [InlineData("  \t ")]
    public void A_guest_needs_a_name(string name)
        => FluentActions.Invoking(() => GuestName.Clean(name)).Should().Throw<StepException>().Which.Code.Should().Be(ErrorCodes.Usage);

    [Fact]
    public void A_name_that_no_file_can_have_is_refused()
        => FluentActions.Invoking(() => GuestName.Clean(new string('ü', 100))).Should().Throw<StepException>().WithMessage("*longer*");

    [Fact]
    public void The_program_is_what_it_was_called()
    {
        OutputTypes.NameOf("/usr/libexec/hyper2kvm/output-local").Should().Be("local");
        FluentActions.Invoking(() => OutputTypes.NameOf("output")).Should().Throw<StepException>().Which.Hint.Should().Contain("output-libvirt");
    }
}
