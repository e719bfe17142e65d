using Hyper2Kvm.Core.Errors;
using Hyper2Kvm.Helpers.Input.Inputs;

namespace Hyper2Kvm.Helpers.Input.Tests.Support;

/// <summary>Looks at a source in this process, as the step does before it starts any server.</summary>
internal static class SourceImage
{
    public static InputPlan Prepare(string type, string path, string? format = null, bool inPlace = false)
        => InputTypes.Find(type)!.Prepare(new InputRequest([path], format, inPlace, Name: null, new Dictionary<string, string>()));

    /// <summary>The failure of a source that is bad: it has to name the file.</summary>
    public static StepException Refusal(string type, string path, string? format = null, bool inPlace = false)
    {
        var failure = FluentActions.Invoking(() => Prepare(type, path, format, inPlace)).Should().Throw<StepException>().Which;
        failure.Message.Should().Contain(Path.GetFileName(path));
        failure.Hint.Should().NotBeEmpty();
        return failure;
    }
}
