namespace Hyper2Kvm.Helpers.Convert.Linux.Boot.Loaders;

/// <summary>A file of the guest that holds kernel arguments.</summary>
/// <param name="Path">The file.</param>
/// <param name="HoldsArguments">Whether a line of it does.</param>
internal sealed record ArgumentFile(string Path, Predicate<string> HoldsArguments)
{
    /// <summary>Makes a changed text valid where lines alone do not: grub's environment block has a fixed length.</summary>
    public Func<string, string> Finish { get; init; } = text => text;
}
