namespace Hyper2Kvm.Copy;

/// <summary>Which end of a copy.</summary>
internal enum CopySide
{
    /// <summary>Where the data comes from.</summary>
    Source,

    /// <summary>Where it goes to.</summary>
    Target,
}
