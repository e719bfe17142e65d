namespace Hyper2Kvm.Helpers.Convert.Linux.Verification;

/// <summary>Why a name means no volume on the target.</summary>
/// <param name="Message">What is wrong.</param>
/// <param name="Remedy">What to do about it.</param>
internal sealed record NameProblem(string Message, string Remedy)
{
    /// <summary>One that names what the guest does not have.</summary>
    /// <param name="what">What, as the end of a sentence.</param>
    public static NameProblem Missing(string what) => new(what, "Give the missing disk of the guest too, or correct the name in the guest.");
}
